namespace StreamForecaster.Models.Tests;

/// <summary>Every width is right, not only those that vectors like: against loops in double precision, written out plainly.</summary>
public sealed class WidthTests
{
    const int Lookback = 5, Inputs = 2;

    /// <summary>A GRU with scaled-dot attention and a direct head, 1 to 67 units, five rows at once.</summary>
    [Fact]
    public void Predict_Widths1To67_EqualPlainDoubleLoops()
    {
        for (int hidden = 1; hidden <= 67; hidden++)
        {
            ModelSpec spec = new() { HiddenSize = hidden, Inputs = Inputs, Lookback = Lookback, Horizons = 1 + hidden % 4, Quantiles = [.5] };
            Forecaster model = Cases.Model(spec);
            float[] inputs = Cases.Normals(5 * Lookback * Inputs, hidden), output = new float[5 * spec.OutputSize];
            model.Predict(5, inputs, [], output);
            for (int row = 0; row < 5; row++)
            {
                double[] wanted = Plain(model, inputs.AsSpan(row * Lookback * Inputs, Lookback * Inputs).ToArray());
                for (int i = 0; i < wanted.Length; i++) Assert.Equal(wanted[i], output[row * spec.OutputSize + i], 1e-5);
            }
        }
    }

    static double[] Plain(Forecaster model, float[] inputs)
    {
        Weights w = model.Weights;
        int hidden = model.Spec.HiddenSize;
        double[] state = new double[hidden];
        List<double[]> states = [];
        for (int t = 0; t < Lookback; t++)
        {
            double[] x = Map(w["encoder.weight_ih_l0"], w["encoder.bias_ih_l0"], [.. inputs[(t * Inputs)..((t + 1) * Inputs)].Select(v => (double)v)]);
            double[] h = Map(w["encoder.weight_hh_l0"], w["encoder.bias_hh_l0"], state), next = new double[hidden];
            for (int j = 0; j < hidden; j++)
            {
                double r = 1 / (1 + Math.Exp(-x[j] - h[j])), z = 1 / (1 + Math.Exp(-x[hidden + j] - h[hidden + j]));
                double n = Math.Tanh(x[2 * hidden + j] + r * h[2 * hidden + j]);
                next[j] = n + z * (state[j] - n);
            }
            states.Add(state = next);
        }
        double[] query = Map(w["attention.query.weight"], [], state);
        double[] shares = [.. states.Select(s => Math.Exp(Dot(query, Map(w["attention.key.weight"], [], s)) / Math.Sqrt(hidden)))];
        double[] context = new double[hidden];
        for (int t = 0; t < Lookback; t++)
        {
            double[] value = Map(w["attention.value.weight"], [], states[t]);
            for (int j = 0; j < hidden; j++) context[j] += shares[t] / shares.Sum() * value[j];
        }
        return Map(w["head.weight"], w["head.bias"], [.. state, .. context]);
    }

    static double[] Map(ReadOnlySpan<float> weight, ReadOnlySpan<float> bias, double[] x)
    {
        double[] y = new double[weight.Length / x.Length];
        for (int i = 0; i < y.Length; i++)
        {
            y[i] = bias.IsEmpty ? 0 : bias[i];
            for (int j = 0; j < x.Length; j++) y[i] += (double)weight[i * x.Length + j] * x[j];
        }
        return y;
    }

    static double Dot(double[] a, double[] b) => a.Zip(b).Sum(p => p.First * p.Second);

    /// <summary>Other cells and odd widths: a stream, which shares no kernel's batch with the windowed form, gives the same.</summary>
    [Theory]
    [InlineData(EncoderKind.Gru)]
    [InlineData(EncoderKind.Lstm)]
    [InlineData(EncoderKind.Rnn)]
    public void Step_Widths1To67_EqualTheWindowedForm(EncoderKind encoder)
    {
        for (int hidden = 1; hidden <= 67; hidden++)
        {
            ModelSpec spec = new() { Encoder = encoder, HiddenSize = hidden, Inputs = Inputs, Lookback = Lookback, Horizons = 2 };
            Forecaster model = Cases.Model(spec);
            StreamingForecaster stream = new(model, RingPrecision.Q15);
            using Cases.Blocks blocks = new Cases.Blocks(1, stream.StateBytes).Clear();
            float[] inputs = Cases.Normals(Lookback * Inputs, hidden), streamed = new float[spec.OutputSize], windowed = new float[spec.OutputSize];
            for (int t = 0; t < Lookback; t++) stream.Step(blocks.Addresses, inputs.AsSpan(t * Inputs, Inputs), streamed);
            model.Predict(1, inputs, [], windowed);
            for (int i = 0; i < windowed.Length; i++) Assert.Equal(windowed[i], streamed[i], 1e-4);
        }
    }
}
