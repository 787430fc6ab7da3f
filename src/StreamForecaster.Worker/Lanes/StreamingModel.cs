using System.Text;
using StreamForecaster.Models;
using StreamForecaster.Windowing;

namespace StreamForecaster.Worker.Lanes;

/// <summary>One version of a group's model in a lane, with the micro-batch that is being gathered for it.</summary>
sealed class StreamingModel(long version, Forecaster model, int batchMax)
{
    readonly StreamingForecaster _streaming = new(model, RingOf(model.Spec));
    readonly byte[] _label = Encoding.UTF8.GetBytes(NameOf(model.Spec));
    readonly nint[] _states = new nint[batchMax];
    readonly float[] _inputs = new float[batchMax * ModelFeatures.Count];
    readonly float[] _outputs = new float[batchMax * model.Spec.OutputSize];
    int _count;

    /// <summary>What results say of the model that took part in them, such as <c>gru_attention</c>.</summary>
    public string Name { get; } = NameOf(model.Spec);

    /// <summary><see cref="Name"/> as UTF-8.</summary>
    public ReadOnlySpan<byte> Label => _label;

    /// <summary>True while no series has been added since the last step.</summary>
    public bool IsEmpty => _count == 0;

    /// <summary>The model's version.</summary>
    public long Version { get; } = version;

    /// <summary>The model's spec.</summary>
    public ModelSpec Spec => model.Spec;

    /// <summary>Bytes of streaming state a series needs with models of a spec.</summary>
    public static int StateBytes(ModelSpec spec) => new StreamingForecaster(Forecaster.Create(spec, seed: 1), RingOf(spec)).StateBytes;

    /// <summary>Encodes a window anew: inputs [steps, features], oldest first.</summary>
    public void Encode(nint state, ReadOnlySpan<float> inputs) => _streaming.Reencode(state, inputs);

    /// <summary>Where the features of the series added next go, and its row.</summary>
    public Span<float> Add(nint state, out int row)
    {
        row = _count++;
        _states[row] = state;
        return _inputs.AsSpan(row * ModelFeatures.Count, ModelFeatures.Count);
    }

    /// <summary>One step for all series added since the last call.</summary>
    public void Step()
    {
        if (_count > 0)
        {
            int floats = Spec.OutputSize;
            _streaming.Step(_states.AsSpan(0, _count), _inputs.AsSpan(0, _count * ModelFeatures.Count), _outputs.AsSpan(0, _count * floats));
            _count = 0;
        }
    }

    /// <summary>The forecast of a row: [horizon, quantile], change from the last value in the series' scale.</summary>
    public ReadOnlySpan<float> Row(int row) => _outputs.AsSpan(row * Spec.OutputSize, Spec.OutputSize);

    /// <summary>Where the model looked at its last step: [lookback], oldest first.</summary>
    public void Attention(nint state, Span<float> weights) => _streaming.Attention(state, weights);

    // Gated and tanh states lie within ±1: 16-bit fixed point holds them to 2⁻¹⁶.
    static RingPrecision RingOf(ModelSpec spec) =>
        spec.Encoder == EncoderKind.RnnRelu ? RingPrecision.Float32 : RingPrecision.Q15;

    /// <summary>The name of a spec's form, such as <c>gru_attention</c>.</summary>
    public static string NameOf(ModelSpec spec)
    {
        string encoder = spec.Encoder switch
        {
            EncoderKind.Gru => "gru",
            EncoderKind.Lstm => "lstm",
            _ => "rnn",
        };
        return spec.Attention == AttentionKind.None ? encoder : encoder + "_attention";
    }
}
