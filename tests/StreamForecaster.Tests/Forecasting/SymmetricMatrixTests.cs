using StreamForecaster.Forecasting;

namespace StreamForecaster.Tests.Forecasting;

public sealed class SymmetricMatrixTests
{
    [Theory]
    [InlineData(4, 16)]
    [InlineData(8, 48)]
    [InlineData(12, 96)]
    public void Operations_OfAnySize_AreThoseOfAWholeMatrix(int size, int length)
    {
        var matrix = new SymmetricMatrix(size);
        Assert.Equal(length, matrix.Length);
        var random = new Random(size);
        var (half, whole) = (new float[matrix.Length], new double[size, size]);
        for (var i = 0; i < size; i++)
        {
            matrix.Diagonal(half, i) = i + 1;
            whole[i, i] = i + 1;
        }

        for (var round = 0; round < 5; round++)
        {
            var x = Enumerable.Range(0, size).Select(_ => random.NextSingle() - 0.5f).ToArray();
            matrix.SubtractSquare(half, x, 1.5f);
            matrix.Scale(half, round % size, 0.5f);
            for (var i = 0; i < size; i++)
            {
                for (var j = 0; j < size; j++)
                {
                    whole[i, j] = 1.5 * (whole[i, j] - (x[i] * x[j]));
                    whole[i, j] *= (i == round % size ? 0.5 : 1) * (j == round % size ? 0.5 : 1);
                }
            }

            var product = new float[size];
            matrix.Multiply(half, x, product);
            for (var i = 0; i < size; i++)
            {
                Assert.Equal(Enumerable.Range(0, size).Sum(j => whole[i, j] * x[j]), product[i], 1e-4);
            }
        }
    }
}
