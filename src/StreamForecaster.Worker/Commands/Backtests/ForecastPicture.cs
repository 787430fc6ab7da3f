using System.Globalization;
using System.Text;
using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>Forecast against actual over the last rows: an SVG file a series, a panel for the shortest and for the longest horizon.</summary>
sealed class ForecastPicture
{
    const int RowsMax = 500;
    const int Width = 1_200;
    const int Panel = 300;
    const int Margin = 40;

    readonly SeriesTable _table;
    readonly int[] _horizons;
    readonly int _onlineFrom;
    readonly int _first;
    readonly HorizonBand[][][] _kept;

    public ForecastPicture(SeriesTable table, ForecastBacktestOptions options)
    {
        _table = table;
        _horizons = [.. new[] { options.Horizons.Min(), options.Horizons.Max() }.Distinct()];
        _onlineFrom = options.OnlineFrom;
        _first = Math.Max(_onlineFrom, table.Rows - RowsMax);
        _kept = [.. table.Columns.Select(_ => _horizons.Select(_ => new HorizonBand[table.Rows - _first]).ToArray())];
    }

    /// <summary>Keeps what is drawn of the forecasts made at a row.</summary>
    public void Keep(int series, int row, ReadOnlyMemory<HorizonBand> bands)
    {
        for (int i = 0; i < _horizons.Length; i++)
        {
            int target = row + _horizons[i];
            if (target >= _first && target < _table.Rows)
            {
                _kept[series][i][target - _first] = bands.Span[_horizons[i] - 1];
            }
        }
    }

    /// <summary>Writes the files and returns their number.</summary>
    public int Write(string folder)
    {
        Directory.CreateDirectory(folder);
        HashSet<string> names = new(StringComparer.Ordinal);
        for (int series = 0; series < _table.Columns.Length; series++)
        {
            string name = new([.. _table.Names[series].Select(letter => char.IsLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_')]);
            while (!names.Add(name))
            {
                name += "_";
            }

            File.WriteAllText(Path.Combine(folder, name + ".svg"), Draw(series));
        }

        return _table.Columns.Length;
    }

    string Draw(int series)
    {
        StringBuilder svg = new();
        int height = _horizons.Length * (Panel + Margin);
        svg.Append(CultureInfo.InvariantCulture, $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {height}\" font-family=\"sans-serif\" font-size=\"13\">\n");
        svg.Append(CultureInfo.InvariantCulture, $"<rect width=\"{Width}\" height=\"{height}\" fill=\"#fff\"/>\n");
        for (int i = 0; i < _horizons.Length; i++)
        {
            DrawPanel(svg, series, i, (i * (Panel + Margin)) + Margin);
        }

        return svg.Append("</svg>\n").ToString();
    }

    void DrawPanel(StringBuilder svg, int series, int index, int top)
    {
        ReadOnlySpan<double> actual = _table.Columns[series].AsSpan(_first);
        HorizonBand[] bands = _kept[series][index];

        // The first online forecast is for this row.
        int begin = Math.Max(0, _onlineFrom - 1 + _horizons[index] - _first);
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        for (int i = begin; i < bands.Length; i++)
        {
            low = Math.Min(low, double.IsNaN(actual[i]) ? bands[i].Lower : Math.Min(bands[i].Lower, actual[i]));
            high = Math.Max(high, double.IsNaN(actual[i]) ? bands[i].Upper : Math.Max(bands[i].Upper, actual[i]));
        }

        double span = high > low ? high - low : 1;
        string Point(int i, double value) => string.Create(
            CultureInfo.InvariantCulture, $"{(double)i * Width / Math.Max(1, bands.Length - 1):F1},{top + Panel - ((value - low) / span * Panel):F1} ");
        StringBuilder area = new(), forecast = new(), truth = new();
        for (int i = begin; i < bands.Length; i++)
        {
            area.Append(Point(i, bands[i].Upper));
            forecast.Append(Point(i, bands[i].Yhat));
            truth.Append(double.IsNaN(actual[i]) ? "" : Point(i, actual[i]));
        }

        for (int i = bands.Length - 1; i >= begin; i--)
        {
            area.Append(Point(i, bands[i].Lower));
        }

        string name = System.Security.SecurityElement.Escape(_table.Names[series]);
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"8\" y=\"{top - 12}\">{name}, forecast made {_horizons[index]} steps before: actual black, forecast blue, 90 % band light; {low:G4} to {high:G4}</text>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<polygon points=\"{area}\" fill=\"#cfe0f7\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{truth}\" fill=\"none\" stroke=\"#222\" stroke-width=\"1\"/>\n");
        svg.Append(CultureInfo.InvariantCulture, $"<polyline points=\"{forecast}\" fill=\"none\" stroke=\"#1f5fbf\" stroke-width=\"1\"/>\n");
    }
}
