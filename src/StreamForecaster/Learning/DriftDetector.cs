using System.Runtime.InteropServices;

namespace StreamForecaster.Learning;

/// <summary>Page–Hinkley test (Page 1954, Hinkley 1971) for a lasting rise of a loss, in units of its own mean since the last reset.
/// What the last value's loss has risen by meanwhile is taken off first: where a burst or a livelier hour makes everybody's forecasts
/// worse, the model is not to blame. Blittable: it is part of the checkpoint.</summary>
[StructLayout(LayoutKind.Sequential)]
struct DriftDetector
{
    // Before this many losses the mean means nothing; one loss counts for at most this many means, so that a spike is no drift.
    const int WarmUp = 30;
    const double RelativeMax = 5;

    double _mean;
    double _referenceMean;
    double _sum;
    double _lowest;
    long _count;

    /// <summary>Takes a loss, with the last value's on the same windows, and says whether the losses have risen for good. Resets itself
    /// on an alarm.</summary>
    public bool Add(double loss, double reference, double tolerance, double threshold)
    {
        double rise = loss / Math.Max(_mean, 1e-9);
        double referenceRise = Math.Max(reference / Math.Max(_referenceMean, 1e-9), 1);
        double relative = _count < WarmUp ? 1 : Math.Min(rise / referenceRise, RelativeMax);
        _count++;
        _mean += (Capped(loss, _mean) - _mean) / _count;
        _referenceMean += (Capped(reference, _referenceMean) - _referenceMean) / _count;
        _sum += relative - 1 - tolerance;
        _lowest = Math.Min(_lowest, _sum);
        if (_sum - _lowest <= threshold)
        {
            return false;
        }

        this = default;
        return true;
    }

    readonly double Capped(double loss, double mean) => _count <= WarmUp ? loss : Math.Min(loss, RelativeMax * mean);

    /// <summary>Forgets everything: a new champion's losses are not comparable.</summary>
    public void Reset() => this = default;
}
