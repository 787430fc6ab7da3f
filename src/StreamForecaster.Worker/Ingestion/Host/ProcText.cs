using System.Globalization;

namespace StreamForecaster.Worker.Ingestion.Host;

/// <summary>Words and numbers of the files below <c>/proc</c>.</summary>
static class ProcText
{
    internal static string[] Words(string line) => line.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    internal static double Number(string word) =>
        double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN;
}
