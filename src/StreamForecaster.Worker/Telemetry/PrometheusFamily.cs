using System.Buffers;
using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Telemetry;

/// <summary>One instrument with the figures of all its label sets.</summary>
sealed class PrometheusFamily
{
    const int MaxLabelSets = 5_000;

    static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    readonly ConcurrentDictionary<string, PrometheusSeries> _series = new(StringComparer.Ordinal);
    readonly string _help;
    readonly double[] _buckets;
    readonly bool _observed;
    readonly bool _sums;

    /// <summary>Makes it for an instrument.</summary>
    public PrometheusFamily(Instrument instrument)
    {
        Type kind = instrument.GetType().GetGenericTypeDefinition();
        bool counter = kind == typeof(Counter<>) || kind == typeof(ObservableCounter<>);
        bool histogram = kind == typeof(Histogram<>);
        Kind = counter ? "counter" : histogram ? "histogram" : "gauge";
        Name = NameOf(instrument, counter);
        _help = instrument.Description ?? "";
        _observed = instrument.IsObservable;
        _sums = !_observed && (counter || kind == typeof(UpDownCounter<>));
        _buckets = histogram ? Buckets(instrument) : [];
    }

    /// <summary>The name as Prometheus has it, unit and <c>_total</c> at its end.</summary>
    public string Name { get; }

    /// <summary>counter, gauge or histogram.</summary>
    public string Kind { get; }

    /// <summary>Whether the two write the same lines.</summary>
    public bool IsSame(PrometheusFamily other) =>
        string.Equals(Name, other.Name, StringComparison.Ordinal) && string.Equals(Kind, other.Kind, StringComparison.Ordinal);

    /// <summary>What observable instruments no longer report disappears with the next scrape.</summary>
    public void BeginScrape()
    {
        if (_observed)
        {
            _series.Clear();
        }
    }

    /// <summary>Takes a measurement. Beyond the limit of label sets a new one is dropped.</summary>
    public void Record(double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        PrometheusSeries? series = Find(tags);
        if (series is null)
        {
            return;
        }

        if (_buckets.Length > 0)
        {
            series.Observe(value);
        }
        else if (_sums)
        {
            series.Add(value);
        }
        else
        {
            series.Set(value);
        }
    }

    /// <summary>Appends the family; nothing where it has no figures yet.</summary>
    public void Write(StringBuilder text)
    {
        KeyValuePair<string, PrometheusSeries>[] all = [.. _series.OrderBy(one => one.Key, StringComparer.Ordinal)];
        if (all.Length == 0)
        {
            return;
        }

        if (_help.Length > 0)
        {
            string help = _help.Replace("\\", "\\\\", StringComparison.Ordinal).ReplaceLineEndings("\\n");
            text.Append(CultureInfo.InvariantCulture, $"# HELP {Name} {help}\n");
        }

        text.Append(CultureInfo.InvariantCulture, $"# TYPE {Name} {Kind}\n");
        foreach ((string labels, PrometheusSeries series) in all)
        {
            series.Write(text, Name, labels);
        }
    }

    PrometheusSeries? Find(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string labels = tags.IsEmpty ? "" : PrometheusLabels.Of(tags);
        return _series.TryGetValue(labels, out PrometheusSeries? known) ? known
            : _series.Count >= MaxLabelSets ? null
            : _series.GetOrAdd(labels, static (_, buckets) => new(buckets), _buckets);
    }

    static double[] Buckets(Instrument instrument) =>
        instrument switch
        {
            Histogram<double> { Advice.HistogramBucketBoundaries: { Count: > 0 } wanted } => [.. wanted],
            Histogram<long> { Advice.HistogramBucketBoundaries: { Count: > 0 } wanted } => [.. wanted.Select(bound => (double)bound)],
            Histogram<int> { Advice.HistogramBucketBoundaries: { Count: > 0 } wanted } => [.. wanted.Select(bound => (double)bound)],
            // Prometheus' own defaults suit seconds.
            _ => [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
        };

    static string NameOf(Instrument instrument, bool counter)
    {
        StringBuilder name = new(instrument.Name);
        for (int i = 0; i < name.Length; i++)
        {
            name[i] = NameCharacters.Contains(name[i]) ? name[i] : '_';
        }

        string unit = instrument.Unit switch { "s" => "_seconds", "ms" => "_milliseconds", "By" => "_bytes", _ => "" };
        foreach (string end in (ReadOnlySpan<string>)[unit, counter ? "_total" : ""])
        {
            if (!name.ToString().EndsWith(end, StringComparison.Ordinal))
            {
                name.Append(end);
            }
        }

        return name.ToString();
    }
}
