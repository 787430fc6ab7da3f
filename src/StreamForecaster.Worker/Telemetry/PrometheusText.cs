using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Telemetry;

/// <summary>
/// The current figures of our meters in Prometheus' text format (version 0.0.4). It listens to every instrument of the meters named
/// from its construction on; observable ones are asked at each <see cref="Write"/>.
/// </summary>
public sealed class PrometheusText : IDisposable
{
    /// <summary>The content type of <see cref="Write"/>'s text.</summary>
    public const string ContentType = "text/plain; version=0.0.4; charset=utf-8";

    readonly MeterListener _listener = new();
    readonly List<PrometheusFamily> _families = [];
    readonly Lock _gate = new();

    /// <summary>Begins to listen.</summary>
    public PrometheusText(params string[] meters)
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (Array.IndexOf(meters, instrument.Meter.Name) >= 0)
            {
                listener.EnableMeasurementEvents(instrument, Family(instrument));
            }
        };
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<short>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<byte>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<float>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record(value, tags));
        _listener.SetMeasurementEventCallback<decimal>(static (_, value, tags, state) => ((PrometheusFamily)state!).Record((double)value, tags));
        _listener.Start();
    }

    /// <summary>Everything known now, families by name.</summary>
    public string Write()
    {
        lock (_gate)
        {
            foreach (PrometheusFamily family in _families)
            {
                family.BeginScrape();
            }
        }

        _listener.RecordObservableInstruments();
        StringBuilder text = new();
        lock (_gate)
        {
            foreach (PrometheusFamily family in _families.OrderBy(family => family.Name, StringComparer.Ordinal))
            {
                family.Write(text);
            }
        }

        return text.ToString();
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    // Two meters may publish the same instrument (a restarted part): they share a family.
    PrometheusFamily Family(Instrument instrument)
    {
        PrometheusFamily family = new(instrument);
        lock (_gate)
        {
            if (_families.Find(family.IsSame) is { } known)
            {
                return known;
            }

            _families.Add(family);
            return family;
        }
    }

    /// <summary>A number as Prometheus reads it.</summary>
    internal static string Number(double value) =>
        double.IsPositiveInfinity(value) ? "+Inf" : double.IsNegativeInfinity(value) ? "-Inf" : value.ToString("R", CultureInfo.InvariantCulture);
}
