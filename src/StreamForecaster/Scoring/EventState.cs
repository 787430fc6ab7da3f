using StreamForecaster.Forecasting;

namespace StreamForecaster.Scoring;

/// <summary>
/// What the event tracker remembers of one series; blittable, all zero at first. Written field by field, so that no
/// padding ever holds anything but zeros.
/// </summary>
struct EventState
{
    const double MuchRarer = 1;     // decades above the threshold
    const double FarRarer = 2;
    const int SeveralMarks = 2;     // one step alone is never critical
    const int ManyMarks = 5;        // a lasting event is worth a warning

    internal long LastIndex;
    internal long LastMarkIndex;
    internal ulong Marks;           // one bit a step, the newest lowest
    internal int Open;

    int _count;
    long _startNs;
    long _endNs;
    long _peakNs;
    double _peak;
    double _peakRarity;
    double _peakExcess;
    long _strongest;

    /// <summary>Begins a candidate at this step, with no marks yet.</summary>
    internal void Start(in StepTime time)
    {
        _startNs = time.UnixNs;
        _count = 0;
    }

    /// <summary>Takes a mark in.</summary>
    internal void Add(in StepScore score, in StepTime time)
    {
        _peakExcess = _count == 0 ? score.Excess : Math.Max(_peakExcess, score.Excess);
        if (_count == 0 || score.Rarity > _peakRarity)
        {
            _peakNs = time.UnixNs;
            _peak = score.Score;
            _peakRarity = score.Rarity;
            _strongest = (long)score.Strongest;
        }

        _endNs = time.UnixNs + (time.StepSeconds * 1_000_000_000L);
        _count = _count == int.MaxValue ? _count : _count + 1;
        LastMarkIndex = time.Index;
    }

    internal readonly AnomalyEvent ToEvent() =>
        new(_startNs, _endNs, _peakNs, _peak, _peakRarity, _count, SeverityOf(), (EvidenceKind)_strongest);

    readonly Severity SeverityOf() =>
        _peakExcess >= FarRarer && _count >= SeveralMarks ? Severity.Critical
        : _peakExcess >= MuchRarer || _count >= ManyMarks ? Severity.Warning
        : Severity.Info;
}
