using System.Text;
using StreamForecaster.Alignment;
using StreamForecaster.Forecasting;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What the page is told. Asked on the lane's own thread between two batches.</summary>
sealed partial class Lane
{
    const int SparklineSteps = 32;

    // A constant series is called flat after as many equal steps as make half a default window.
    const int FlatSteps = 32;

    /// <summary>The highest-scored series whose name holds the filter.</summary>
    public List<SeriesSummary> List(string? filter, int limit)
    {
        PriorityQueue<(Series Series, string Display), (double Score, string Display)> best =
            new(Comparer<(double Score, string Display)>.Create(static (x, y) => -ByScore(x, y)));
        long ready = 0;
        for (int i = 0; i < _series.IndexEnd; i++)
        {
            if (_series[i] is not Series series)
            {
                continue;
            }

            ready += IsReady(series) ? 1 : 0;
            double score = LastScore(series);
            if (best.Count == limit && best.TryPeek(out _, out (double Score, string Display) worst) && score < worst.Score)
            {
                continue;
            }

            string display = Name(series);
            if (filter is null || display.Contains(filter, StringComparison.OrdinalIgnoreCase))
            {
                best.Enqueue((series, display), (score, display));
                if (best.Count > limit)
                {
                    best.Dequeue();
                }
            }
        }

        Counters.Ready = ready;
        return [.. best.UnorderedItems.Select(item => Summarise(item.Element.Series, item.Element.Display)), .. ListCohorts(filter, limit)];
    }

    /// <summary>One series by its name, or null where this lane does not have it.</summary>
    public SeriesDetail? Show(string display)
    {
        byte[] name = Encoding.UTF8.GetBytes(display);
        for (int i = 0; i < _series.IndexEnd; i++)
        {
            if (_series[i] is Series series && IsNamed(series, display, name))
            {
                return series.OnProbation ? null : Detail(series, display);
            }
        }

        return ShowCohort(display);
    }

    /// <summary>Highest score first, then by name.</summary>
    public static int ByScore((double Score, string Display) x, (double Score, string Display) y) =>
        x.Score != y.Score ? y.Score.CompareTo(x.Score) : string.CompareOrdinal(x.Display, y.Display);

    static string Name(Series series) => series.Labels?.Display ?? series.Display;

    static bool IsNamed(Series series, string display, byte[] name) =>
        series.Labels is { } labels ? labels.Series.SequenceEqual(name) : string.Equals(series.Display, display, StringComparison.Ordinal);

    static double LastScore(Series series)
    {
        if (series.OnProbation)
        {
            return 0;
        }

        Span<byte> window = series.Group.WindowOf(series);
        return SeriesWindow.Head(window).Count == 0 ? 0 : series.Group.Window.Step(window, 0).Score;
    }

    SeriesSummary Summarise(Series series, string display)
    {
        if (series.OnProbation)
        {
            return new(display, series.Group.Name, Status(series), 0, IsAnomaly: false, null, null, "", []);
        }

        LaneGroup group = series.Group;
        Span<byte> window = group.WindowOf(series);
        WindowStep last = group.Window.Step(window, 0);
        HorizonBand next = group.Mixture.Latest(group.MixtureOf(series), 1);
        List<double?> line = [];
        for (int back = Math.Min(SparklineSteps, group.Window.Held(window)) - 1; back >= 0; back--)
        {
            WindowStep step = group.Window.Step(window, back);
            line.Add(step.Missing ? null : step.Value);
        }

        return new(display, group.Name, Status(series), last.Score, last.Anomalous, last.Value, next.Yhat,
            ExpertOf(series), line);
    }

    SeriesDetail Detail(Series series, string display)
    {
        LaneGroup group = series.Group;
        Span<byte> window = group.WindowOf(series);
        double stepSeconds = SeriesAligner.StepNs(group.Align(series)) / 1e9;
        List<double> times = [], scores = [];
        List<double?> values = [];
        List<bool> anomalies = [];
        for (int back = group.Window.Held(window) - 1; back >= 0; back--)
        {
            WindowStep step = group.Window.Step(window, back);
            times.Add(step.Index * stepSeconds);
            values.Add(step.Missing ? null : step.Value);
            scores.Add(step.Score);
            anomalies.Add(step.Anomalous);
        }

        StreamingModel? model = group.Encoder(SeriesWindow.Head(window).EncodedVersion);
        double[] attention = [];
        if (model is not null)
        {
            float[] weights = new float[model.Spec.Lookback];
            model.Attention(group.ModelOf(series), weights);
            attention = [.. weights.Select(weight => (double)weight)];
        }

        List<HorizonForecast> ahead = [];
        for (int h = 1; h <= group.Mixture.Horizons; h++)
        {
            HorizonBand band = group.Mixture.Latest(group.MixtureOf(series), h);
            ahead.Add(new(h, (SeriesWindow.Head(window).LastIndex + h) * stepSeconds, band.Yhat, band.Lower, band.Upper));
        }

        return new(display, group.Name, Status(series), stepSeconds, times, values, scores, anomalies, ahead,
            model is null ? "" : $"{model.Name} v{model.Version}", ExpertOf(series), attention);
    }

    static string ExpertOf(Series series) =>
        series.Group.Mixture.Experts[(int)SeriesWindow.Head(series.Group.WindowOf(series)).Expert];

    bool IsReady(Series series) =>
        !series.OnProbation && !series.IsStale && SeriesWindow.Head(series.Group.WindowOf(series)).Count >= _settings.Series.Warmup;

    string Status(Series series)
    {
        if (series.OnProbation)
        {
            return $"warming 0/{_settings.Series.Warmup}";
        }

        ref SeriesWindow.Header head = ref SeriesWindow.Head(series.Group.WindowOf(series));
        return series.IsStale ? "stale"
            : head.Count < _settings.Series.Warmup ? $"warming {head.Count}/{_settings.Series.Warmup}"
            : head.FlatRun >= FlatSteps ? "flat"
            : "ready";
    }
}
