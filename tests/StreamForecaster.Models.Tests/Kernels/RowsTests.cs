using System.Numerics;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Tests.Kernels;

public sealed class RowsTests
{
    [Fact]
    public void Tanh_OverItsRange_IsWithin4e7()
    {
        for (float x = -12; x <= 12; x += .00097f)
        {
            Assert.Equal(Math.Tanh(x), Rational.Tanh(x), 4e-7);
            Assert.Equal(1 / (1 + Math.Exp(-x)), Rational.Sigmoid(x), 3e-7);
        }
    }

    [Fact]
    public void Exp_OverItsRange_IsWithinTwoUlps()
    {
        for (float x = -86.9f; x <= 87; x += .0031f)
            Assert.Equal(1, Rational.Exp(x) / Math.Exp(x), 3e-7);
        Assert.Equal(0, Rational.Exp(float.NegativeInfinity));
    }

    [Fact]
    public void VectorForms_AnyLane_EqualTheScalarBits()
    {
        float[] lanes = new float[Vector<float>.Count];
        for (float x = -100; x <= 90; x += 3.7f)
        {
            for (int i = 0; i < lanes.Length; i++) lanes[i] = x + i * .41f;
            Vector<float> tanh = Rational.Tanh(new Vector<float>(lanes)), exp = Rational.Exp(new Vector<float>(lanes));
            for (int i = 0; i < lanes.Length; i++)
            {
                Assert.Equal(Rational.Tanh(lanes[i]), tanh[i]);
                Assert.Equal(Rational.Exp(lanes[i]), exp[i]);
            }
        }
    }

    [Fact]
    public void Softmax_LargeScoresAndMasked_SumsToOne()
    {
        for (int length = 1; length <= 67; length++)
        {
            float[] row = [.. Enumerable.Range(0, length).Select(i => 100f + i % 3)];
            if (length > 4) row[3] = float.NegativeInfinity;
            double total = row.Sum(s => Math.Exp(s - 100));
            double[] wanted = [.. row.Select(s => Math.Exp(s - 100) / total)];
            Rows.Softmax(row);
            for (int i = 0; i < length; i++) Assert.Equal(wanted[i], row[i], 1e-6);
        }
    }

    [Fact]
    public void DotAndAddScaled_EveryLengthFrom1To67_EqualThePlainSum()
    {
        for (int length = 1; length <= 67; length++)
        {
            float[] a = Cases.Normals(length, length), b = Cases.Normals(length, length + 100), sum = [.. b];
            Assert.Equal(a.Zip(b).Sum(p => (double)p.First * p.Second), Rows.Dot(a, b), 2e-5);
            Rows.AddScaled(.7f, a, sum);
            for (int i = 0; i < length; i++) Assert.Equal(b[i] + .7 * a[i], sum[i], 1e-6);
        }
    }
}
