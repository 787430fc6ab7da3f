using StreamForecaster.Forecasting;

namespace StreamForecaster.Scoring;

/// <summary>
/// What the event tracker remembers of one series; blittable, all zero at first. Written field by field, so that no
/// padding ever holds anything but zeros. It only ever grows at its end, by what may be zero: older state is taken up.
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
    byte _strongest;
    byte _second;
    short _hasForecast;
    LargestLags _lags;              // twelve bytes
    double _value;
    double _yhat;
    double _lower;
    double _upper;

    /// <summary>Begins a candidate at this step, with no marks yet.</summary>
    internal void Start(in StepTime time)
    {
        _startNs = time.UnixNs;
        _count = 0;
    }

    /// <summary>Takes a mark in.</summary>
    internal void Add(in StepScore score, in StepTime time, in StepExplanation explanation)
    {
        _peakExcess = _count == 0 ? score.Excess : Math.Max(_peakExcess, score.Excess);
        if (_count == 0 || score.Rarity > _peakRarity)
        {
            _peakNs = time.UnixNs;
            _peak = score.Score;
            _peakRarity = score.Rarity;
            _strongest = (byte)score.Strongest;
            _second = (byte)score.Second;
            _hasForecast = (short)(explanation.HasForecast ? 1 : 0);
            _lags = explanation.Lags;
            _value = explanation.Value;
            _yhat = explanation.Forecast.Yhat;
            _lower = explanation.Forecast.Lower;
            _upper = explanation.Forecast.Upper;
        }

        _endNs = time.UnixNs + (time.StepSeconds * 1_000_000_000L);
        _count = _count == int.MaxValue ? _count : _count + 1;
        LastMarkIndex = time.Index;
    }

    /// <summary>Whether the step that starts then is the rarest of what is open or begun.</summary>
    internal readonly bool IsPeak(long startNs) => _count > 0 && _peakNs == startNs;

    internal readonly AnomalyEvent ToEvent() =>
        new(_startNs, _endNs, _peakNs, _peak, _peakRarity, _count, SeverityOf(), (EvidenceKind)_strongest)
        {
            Second = (EvidenceKind)_second,
            Explanation = new(_value, new(_yhat, _lower, _upper, Expert: 0), _hasForecast != 0, _lags),
        };

    readonly Severity SeverityOf() =>
        _peakExcess >= FarRarer && _count >= SeveralMarks ? Severity.Critical
        : _peakExcess >= MuchRarer || _count >= ManyMarks ? Severity.Warning
        : Severity.Info;
}
