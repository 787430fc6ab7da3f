namespace StreamForecaster.Forecasting;

/// <summary>
/// The forecasts whose targets have not arrived: for each horizon h a ring of h records, so that the record written for
/// a target is the one met when its step closes.
/// </summary>
/// <remarks>A record: yhat (not a number: none), the widths below and above as a pair of bfloat16, stored experts, mixers, scales; all changes from the origin's value.</remarks>
sealed class PendingForecasts
{
    public const int Widths = 1;
    public const int FirstExpert = 2;

    readonly int _recordLength;

    public PendingForecasts(int horizons, int experts, int mixers, int scales)
    {
        Horizons = horizons;
        FirstMixer = FirstExpert + experts;
        FirstScale = FirstMixer + mixers;
        _recordLength = FirstScale + scales;
        StateLength = horizons * (horizons + 1) / 2 * _recordLength;
    }

    public int Horizons { get; }

    public int StateLength { get; }

    public int FirstMixer { get; }

    public int FirstScale { get; }

    public void Initialize(Span<float> state)
    {
        for (var i = 0; i < StateLength; i += _recordLength)
        {
            state[i] = float.NaN;
        }
    }

    /// <summary>The record of the forecast for a target step, made a horizon before it.</summary>
    public Span<float> To(Span<float> state, int horizon, long target) => state.Slice(At(horizon, target), _recordLength);

    /// <inheritdoc cref="To(Span{float}, int, long)"/>
    public ReadOnlySpan<float> To(ReadOnlySpan<float> state, int horizon, long target) => state.Slice(At(horizon, target), _recordLength);

    int At(int horizon, long target) => ((horizon * (horizon - 1) / 2) + (int)(target % horizon)) * _recordLength;
}
