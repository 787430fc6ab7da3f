using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Tests.Kernels;

public sealed class MatrixProductTests
{
    [Fact]
    public void Add_EveryWidthFrom1To67_EqualsReference()
    {
        for (int columns = 1; columns <= 67; columns++)
            for (int rows = 1; rows <= 9; rows += columns % 3 + 1)
            {
                int inner = 1 + (columns * 7 + rows) % 41;
                AssertEqual(rows, inner, columns, inner + 3, 1);
                AssertEqual(rows, inner, columns, 1, rows + 2);
            }
    }

    /// <summary>Not only near: bit for bit, as each value is summed in the same order.</summary>
    static void AssertEqual(int rows, int inner, int columns, int aRow, int aStep)
    {
        float[] a = Cases.Normals((rows - 1) * aRow + (inner - 1) * aStep + 1, 1), b = Cases.Normals(inner * (columns + 2), 2);
        float[] fast = Cases.Normals(rows * (columns + 5), 3), plain = [.. fast];
        MatrixProduct.Add(a, aRow, aStep, b, columns + 2, fast, columns + 5, rows, inner, columns);
        MatrixProduct.AddReference(a, aRow, aStep, b, columns + 2, plain, columns + 5, rows, inner, columns);
        Assert.Equal(plain, fast);
    }

    [Fact]
    public void Add_SpanTooShort_Throws()
    {
        float[] four = new float[4], three = new float[3];
        Assert.Throws<ArgumentOutOfRangeException>(() => MatrixProduct.Add(three, 2, 1, four, 2, four, 2, 2, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatrixProduct.Add(four, 2, 1, three, 2, four, 2, 2, 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => MatrixProduct.Add(four, 2, 1, four, 2, three, 2, 2, 2, 2));
    }
}
