namespace StreamForecaster.Forecasting;

/// <summary>How far a series usually gets in 1..H steps: the running mean of |x[t] − x[t − h]|, hardly moved by a wild one.</summary>
static class UsualChanges
{
    const float Rate = 1f / 500;

    /// <summary>Takes in the newest value; values holds those of the last steps, by step number modulo their count.</summary>
    public static void Learn(Span<float> usual, ReadOnlySpan<double> values, long step, double last)
    {
        var slot = (int)(step % values.Length);
        for (var h = 1; h <= usual.Length && h <= step; h++)
        {
            slot = (slot == 0 ? values.Length : slot) - 1;
            var change = MathF.Abs((float)(last - values[slot]));
            ref var mean = ref usual[h - 1];
            change = mean > 0 ? MathF.Min(change, 5 * mean) : change;
            mean += MathF.Max(Rate, 1f / (step - h + 1)) * (change - mean);
        }
    }
}
