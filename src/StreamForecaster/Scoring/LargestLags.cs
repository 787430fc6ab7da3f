namespace StreamForecaster.Scoring;

/// <summary>The few past steps that a forecast looked at most, the largest weight first. Blittable, without padding: part of an event's state.</summary>
public readonly record struct LargestLags
{
    /// <summary>As many are kept.</summary>
    public const int Most = 3;

    // Trained models look at much of their window: what is near the even share says nothing, what is somewhat above it does.
    const float StandsOut = 1.2f;

    readonly ushort _lag0, _lag1, _lag2;
    readonly ushort _weight0, _weight1, _weight2; // thousandths

    LargestLags(ReadOnlySpan<ushort> lags, ReadOnlySpan<ushort> weights) =>
        (_lag0, _lag1, _lag2, _weight0, _weight1, _weight2) = (lags[0], lags[1], lags[2], weights[0], weights[1], weights[2]);

    /// <summary>The number of lags that stand out.</summary>
    public int Count => _lag0 == 0 ? 0 : _lag1 == 0 ? 1 : _lag2 == 0 ? 2 : 3;

    /// <summary>A lag, in steps before the step that was forecast (1: the step just before it), and its weight in 0..1, to a thousandth.</summary>
    public (int Steps, double Weight) this[int index] => index switch
    {
        0 => (_lag0, _weight0 / 1000.0),
        1 => (_lag1, _weight1 / 1000.0),
        2 => (_lag2, _weight2 / 1000.0),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>The lags with the largest weights, of those clearly above the even share of what is not zero; of equal ones the
    /// latest first.</summary>
    /// <param name="weights">[lookback], oldest first, at most 65,535, each in 0..1.</param>
    /// <exception cref="ArgumentException">There are more.</exception>
    public static LargestLags Of(ReadOnlySpan<float> weights)
    {
        if (weights.Length > ushort.MaxValue)
        {
            throw new ArgumentException($"{weights.Length} weights; allowed are up to {ushort.MaxValue}", nameof(weights));
        }

        int seen = weights.Length - weights.Count(0f);
        float least = seen == 0 ? float.PositiveInfinity : StandsOut / seen;
        Span<ushort> lags = stackalloc ushort[Most], thousandths = stackalloc ushort[Most];
        lags.Clear();
        thousandths.Clear();
        for (int i = weights.Length - 1; i >= 0; i--)
        {
            if (weights[i] < least)
            {
                continue;
            }

            ushort weight = (ushort)MathF.Round(1000 * MathF.Min(weights[i], 1));
            int place = 0;
            while (place < Most && lags[place] != 0 && thousandths[place] >= weight)
            {
                place++;
            }

            if (place < Most)
            {
                lags[place..^1].CopyTo(lags[(place + 1)..]);
                thousandths[place..^1].CopyTo(thousandths[(place + 1)..]);
                (lags[place], thousandths[place]) = ((ushort)(weights.Length - i), weight);
            }
        }

        return new(lags, thousandths);
    }
}
