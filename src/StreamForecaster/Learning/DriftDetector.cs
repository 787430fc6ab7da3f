using System.Runtime.InteropServices;

namespace StreamForecaster.Learning;

/// <summary>Page–Hinkley test (Page 1954, Hinkley 1971) for a lasting rise of a loss, in units of its own mean since the last reset.
/// Blittable: it is part of the checkpoint.</summary>
[StructLayout(LayoutKind.Sequential)]
struct DriftDetector
{
    // Before this many losses the mean means nothing; one loss counts for at most this many means, so that a spike is no drift.
    const int WarmUp = 30;
    const double RelativeMax = 5;

    double _mean;
    double _sum;
    double _lowest;
    long _count;

    /// <summary>Takes a loss and says whether the losses have risen for good. Resets itself on an alarm.</summary>
    public bool Add(double loss, double tolerance, double threshold)
    {
        double relative = _count < WarmUp ? 1 : Math.Min(loss / Math.Max(_mean, 1e-9), RelativeMax);
        _count++;
        _mean += (Math.Min(loss, _count < WarmUp ? loss : RelativeMax * _mean) - _mean) / _count;
        _sum += relative - 1 - tolerance;
        _lowest = Math.Min(_lowest, _sum);
        if (_sum - _lowest <= threshold)
        {
            return false;
        }

        this = default;
        return true;
    }

    /// <summary>Forgets everything: a new champion's losses are not comparable.</summary>
    public void Reset() => this = default;
}
