namespace StreamForecaster.Scoring;

/// <summary>
/// How alike neighbouring steps are. Ten blocks of a slow series tell less about what is usual than ten of a lively
/// one: (1 − ρ)/(1 + ρ) of them count, with ρ the correlation over a block, taken as that of two steps to the tenth.
/// </summary>
struct StepCorrelation
{
    const float Rate = 1 / 300f;
    const float Clip = 3;        // one huge value must not look like a slow series
    const float LeastShare = 0.05f;

    float _last;
    float _product;
    float _square;

    /// <summary>The share of blocks that count as independent, (0, 1].</summary>
    internal readonly float IndependentShare
    {
        get
        {
            var step = _square > 0 ? Math.Clamp(_product / _square, 0, 1) : 0;
            var square = step * step;
            var block = square * square * (square * square) * square;
            return Math.Max(LeastShare, (1 - block) / (1 + block));
        }
    }

    /// <summary>Takes a step's deviation from the level in.</summary>
    internal void Observe(float deviation, uint steps)
    {
        var limit = _square > 0 ? Clip * MathF.Sqrt(_square) : float.MaxValue / 4;
        var clipped = Math.Clamp(deviation, -limit, limit);
        var rate = Math.Max(Rate, 1f / (steps + 1));
        _product += rate * ((clipped * _last) - _product);
        _square += rate * ((0.5f * ((clipped * clipped) + (_last * _last))) - _square);
        _last = clipped;
    }
}
