using System.Globalization;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>A column of a CSV while it is read: its numbers, and what in it was none.</summary>
/// <param name="name">The header's name of it; may be empty.</param>
/// <param name="number">Its number in the file, from 1.</param>
sealed class TableColumn(string name, int number)
{
    readonly List<double> _values = [];
    bool _hasNumber;
    int _texts;
    string _firstText = "";

    /// <summary>The name.</summary>
    public string Name => name;

    /// <summary>True where it has a name and a number.</summary>
    public bool IsSeries => name.Length > 0 && _hasNumber;

    /// <summary>What of it is left out, in words; null for nothing.</summary>
    public string? Note => (IsSeries, _texts) switch
    {
        (true, 0) => null,
        (true, _) => string.Create(CultureInfo.InvariantCulture, $"column {Title}: {_texts} cells are no number such as 1234.5 and count as missing, the first is {_firstText}"),
        (false, 0) => $"column {Title} is left out: it has no {(name.Length == 0 ? "name" : "values")}",
        (false, _) => $"column {Title} is left out: it has no {(name.Length == 0 ? "name" : $"number such as 1234.5, its first cell is {_firstText}")}",
    };

    string Title => name.Length == 0 ? number.ToString(CultureInfo.InvariantCulture) : $"\"{name}\"";

    /// <summary>Adds a row's cell; one that is no finite number is a missing value.</summary>
    public void Add(string cell, int line)
    {
        bool isNumber = double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double value);
        bool isFinite = isNumber && double.IsFinite(value);
        _values.Add(isFinite ? value : double.NaN);
        _hasNumber |= isFinite;
        if (!isFinite && !double.IsNaN(value) && !string.IsNullOrWhiteSpace(cell) && _texts++ == 0)
        {
            _firstText = string.Create(CultureInfo.InvariantCulture, $"\"{cell}\" on line {line}");
        }
    }

    /// <summary>A value a row; not a number where it is missing.</summary>
    public double[] ToArray() => [.. _values];
}
