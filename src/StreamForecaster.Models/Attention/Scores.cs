using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Attention;

/// <summary>score_i = scale · (query · state_i).</summary>
sealed class DotScores(Tensor query, Tensor states, Tensor scores, float scale) : Op
{
    public override void Forward(int rows)
    {
        int width = query.Width;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> q = query.Row(row), s = states.Row(row);
            Span<float> to = scores.Row(row);
            for (int i = 0; i < to.Length; i++) to[i] = scale * Rows.Dot(q, s.Slice(i * width, width));
        }
    }

    public override void Backward(int rows)
    {
        int width = query.Width;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> q = query.Row(row), s = states.Row(row), d = scores.GradientRow(row);
            Span<float> dq = query.GradientRow(row), ds = states.GradientRow(row);
            for (int i = 0; i < d.Length; i++)
            {
                Rows.AddScaled(scale * d[i], s.Slice(i * width, width), dq);
                Rows.AddScaled(scale * d[i], q, ds.Slice(i * width, width));
            }
        }
    }
}

/// <summary>score_i = v · tanh(query + key_i) (Bahdanau, Cho, Bengio 2015); forward leaves the tanh in place of the keys.</summary>
sealed class AdditiveScores(Parameter v, Tensor query, Tensor keys, Tensor tanh, Tensor scores) : Op
{
    public override void Forward(int rows)
    {
        int width = query.Width;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> q = query.Row(row), k = keys.Row(row);
            Span<float> u = tanh.Row(row), to = scores.Row(row);
            for (int i = 0; i < to.Length; i++)
            {
                for (int j = 0; j < width; j++) u[i * width + j] = Rational.Tanh(q[j] + k[i * width + j]);
                to[i] = Rows.Dot(v.Values, u.Slice(i * width, width));
            }
        }
    }

    public override void Backward(int rows)
    {
        int width = query.Width;
        ReadOnlySpan<float> values = v.Values;
        Span<float> dv = v.Gradients;
        for (int row = 0; row < rows; row++)
        {
            ReadOnlySpan<float> u = tanh.Row(row), d = scores.GradientRow(row);
            Span<float> dq = query.GradientRow(row), dk = keys.GradientRow(row);
            for (int i = 0; i < d.Length; i++)
                for (int j = 0; j < width; j++)
                {
                    float t = u[i * width + j], inner = d[i] * values[j] * (1 - t * t);
                    dv[j] += d[i] * t;
                    dq[j] += inner;
                    dk[i * width + j] += inner;
                }
        }
    }
}
