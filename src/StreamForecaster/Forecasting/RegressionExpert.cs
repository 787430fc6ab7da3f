using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <summary>How one of the online regressions differs from the others.</summary>
/// <param name="Forgetting">λ of recursive least squares; 1 forgets nothing.</param>
/// <param name="Clip">A feature is cut at this many times its own mean absolute value.</param>
/// <param name="SlowMean">Which of the trends' slow means is its level.</param>
/// <param name="Harmonics">Sine and cosine pairs of the season it sees.</param>
sealed record RegressionSettings(float Forgetting, float Clip, int SlowMean, int Harmonics);

/// <summary>
/// Recursive least squares with forgetting (Haykin, "Adaptive Filter Theory", ch. 10) on a few normalised and clipped
/// features, one inverse for all horizons. The gain is made when the features are seen; each horizon's weights learn
/// with it when their target arrives, which equals the undelayed recursion on the targets known by then.
/// </summary>
/// <remarks>State: mean absolute values [k], inverse P (<see cref="SymmetricMatrix"/>), weights [horizon, k], and a ring of features and gains as bfloat16.</remarks>
sealed class RegressionExpert
{
    /// <summary>The largest diagonal of P while forgetting: without new evidence it would grow without bound.</summary>
    const float LargestVariance = 1000;

    /// <summary>No forecast goes further than this many usual changes.</summary>
    public const float LargestChange = 4;

    const float FirstVariance = 1f / 100;
    const int FirstHarmonic = 6;

    readonly RegressionSettings _settings;
    readonly int _horizons;
    readonly float[] _pair;
    readonly float[] _product;
    readonly SymmetricMatrix _inverse;

    public RegressionExpert(RegressionSettings settings, int horizons)
    {
        _settings = settings;
        _horizons = horizons;
        Features = FirstHarmonic + (2 * settings.Harmonics);
        _pair = new float[2 * Features];
        _product = new float[Features];
        _inverse = new SymmetricMatrix(Features);
    }

    /// <summary>The number of features k, a multiple of 4.</summary>
    public int Features { get; }

    public int SlowMean => _settings.SlowMean;

    public int StateLength => FirstWeights + (Features * (_horizons + _horizons));

    int FirstWeights => Features + _inverse.Length;

    public void Initialize(Span<float> state)
    {
        var inverse = Inverse(state);
        for (var i = 0; i < Features; i++)
        {
            _inverse.Diagonal(inverse, i) = FirstVariance;
        }
    }

    /// <summary>Every horizon's weights learn from the newest value; origin(h) = step − h.</summary>
    public void Learn(Span<float> state, long step, double value, ReadOnlySpan<double> originValues)
    {
        var k = Features;
        var slot = (int)(step % _horizons);
        for (var h = 1; h <= _horizons && h <= step; h++)
        {
            slot = (slot == 0 ? _horizons : slot) - 1;
            Brain16.Decode(Slot(state, slot), _pair);
            if (_pair[0] == 0)
            {
                continue;
            }

            var weights = Weights(state, h);
            var error = (float)(value - originValues[slot]) - SmallVectors.Dot(weights, _pair.AsSpan(0, k));
            if (float.IsFinite(error))
            {
                SmallVectors.AddScaled(weights, error, _pair.AsSpan(k));
            }
        }
    }

    /// <summary>Takes in the newest step's raw features (1, lags, means, harmonics) and prepares its gain.</summary>
    public void Observe(Span<float> state, long step, ReadOnlySpan<float> raw, int seen)
    {
        var features = _pair.AsSpan(0, Features);
        Normalise(state[..Features], raw, features, MathF.Max(1f / 500, 1f / seen));
        var codes = Slot(state, (int)(step % _horizons));
        Brain16.Encode(features, codes[..Features]);

        var inverse = Inverse(state);
        _inverse.Multiply(inverse, features, _product);

        var spread = _settings.Forgetting + SmallVectors.Dot(_product, features);
        if (!(spread > 0.5f * _settings.Forgetting) || !float.IsFinite(spread))
        {
            // Rounding has made P indefinite: begin it anew, keep what the weights have learned.
            inverse.Clear();
            Initialize(state);
            codes[0] = 0;
            return;
        }

        var gain = _pair.AsSpan(Features);
        SmallVectors.Divide(_product, spread, gain);

        Brain16.Encode(gain, codes[Features..]);
        SmallVectors.Scale(_product, 1 / MathF.Sqrt(spread));
        Contract(inverse);
    }

    /// <summary>Marks a step as not learned from and not forecast from.</summary>
    public void Skip(Span<float> state, long step) => Slot(state, (int)(step % _horizons))[0] = 0;

    /// <summary>
    /// The forecasts made at a step, as changes from its value, cut at a few usual changes of each horizon:
    /// output[(h − 1) · stride].
    /// </summary>
    public void Forecast(Span<float> state, long step, ReadOnlySpan<float> usualChanges, Span<float> output, int stride)
    {
        Brain16.Decode(Slot(state, (int)(step % _horizons)), _pair);
        for (var h = 1; h <= _horizons; h++)
        {
            var change = _pair[0] == 0 ? 0 : SmallVectors.Dot(Weights(state, h), _pair.AsSpan(0, Features));
            var bound = LargestChange * usualChanges[h - 1];
            output[(h - 1) * stride] = float.IsFinite(change) ? Math.Clamp(change, -bound, bound) : 0;
        }
    }

    /// <summary>Forgets the season: a new period makes new harmonics of the same features.</summary>
    public void ResetHarmonics(Span<float> state)
    {
        var inverse = Inverse(state);
        for (var i = FirstHarmonic; i < Features; i++)
        {
            _inverse.Scale(inverse, i, 0);
            _inverse.Diagonal(inverse, i) = FirstVariance;
        }

        for (var h = 1; h <= _horizons; h++)
        {
            Weights(state, h)[FirstHarmonic..].Clear();
            Skip(state, h);
        }
    }

    void Normalise(Span<float> means, ReadOnlySpan<float> raw, Span<float> features, float rate)
    {
        for (var i = 0; i < features.Length; i++)
        {
            var value = raw[i];
            if (i is 0 or >= FirstHarmonic)
            {
                features[i] = value;
                continue;
            }

            means[i] += rate * (MathF.Abs(value) - means[i]);
            features[i] = means[i] > 1e-35f ? Math.Clamp(value / means[i], -_settings.Clip, _settings.Clip) : 0;
        }
    }

    /// <summary>P ← (P − u uᵀ) / λ with u = Pφ / √(λ + φᵀPφ), which keeps it symmetric to the bit; its diagonal is bounded.</summary>
    void Contract(Span<float> inverse)
    {
        _inverse.SubtractSquare(inverse, _product, 1 / _settings.Forgetting);
        if (_settings.Forgetting == 1)
        {
            return;
        }

        for (var i = 0; i < Features; i++)
        {
            var variance = _inverse.Diagonal(inverse, i);
            if (variance > LargestVariance)
            {
                _inverse.Scale(inverse, i, MathF.Sqrt(LargestVariance / variance));
            }
        }
    }

    Span<float> Inverse(Span<float> state) => state.Slice(Features, _inverse.Length);

    Span<float> Weights(Span<float> state, int horizon) =>
        state.Slice(FirstWeights + (Features * (horizon - 1)), Features);

    Span<ushort> Slot(Span<float> state, int slot) =>
        MemoryMarshal.Cast<float, ushort>(state.Slice(FirstWeights + (Features * (_horizons + slot)), Features));
}
