using System.Globalization;
using System.Text;

namespace StreamForecaster.Worker.Telemetry;

/// <summary>The figure, or the histogram, of one label set. Any thread may record.</summary>
sealed class PrometheusSeries(double[] bounds)
{
    readonly Lock _gate = new();
    readonly long[] _counts = new long[bounds.Length + 1];
    double _value;
    long _count;

    /// <summary>Adds to a sum.</summary>
    public void Add(double value)
    {
        lock (_gate)
        {
            _value += value;
        }
    }

    /// <summary>Replaces a reading.</summary>
    public void Set(double value)
    {
        lock (_gate)
        {
            _value = value;
        }
    }

    /// <summary>Counts a value into its bucket.</summary>
    public void Observe(double value)
    {
        int bucket = 0;
        while (bucket < bounds.Length && value > bounds[bucket])
        {
            bucket++;
        }

        lock (_gate)
        {
            _counts[bucket]++;
            _count++;
            _value += value;
        }
    }

    /// <summary>Appends the lines of this label set.</summary>
    public void Write(StringBuilder text, string name, string labels)
    {
        string braced = labels.Length == 0 ? "" : $"{{{labels}}}";
        lock (_gate)
        {
            if (bounds.Length == 0)
            {
                text.Append(CultureInfo.InvariantCulture, $"{name}{braced} {PrometheusText.Number(_value)}\n");
                return;
            }

            string before = labels.Length == 0 ? "" : labels + ",";
            long below = 0;
            for (int i = 0; i <= bounds.Length; i++)
            {
                below += _counts[i];
                string bound = i < bounds.Length ? PrometheusText.Number(bounds[i]) : "+Inf";
                text.Append(CultureInfo.InvariantCulture, $"{name}_bucket{{{before}le=\"{bound}\"}} {below}\n");
            }

            text.Append(CultureInfo.InvariantCulture, $"{name}_sum{braced} {PrometheusText.Number(_value)}\n");
            text.Append(CultureInfo.InvariantCulture, $"{name}_count{braced} {_count}\n");
        }
    }
}
