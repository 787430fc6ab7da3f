using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// C[i, j] += Σ_k A[i, k] · B[k, j]: the one product that forward, input gradient and weight gradient need.
/// A is read value by value with two strides, so it may be a transposed view; B and C have contiguous rows.
/// Every (i, j) is summed over k in ascending order with one fused operation per term, in a tile as in a tail:
/// a row's bits depend neither on the number of rows nor on its place among them.
/// </summary>
static class MatrixProduct
{
    /// <summary>The plain loops that the vector path is tested against, and the path where there are no vectors.</summary>
    public static void AddReference(
        ReadOnlySpan<float> a, int aRow, int aStep, ReadOnlySpan<float> b, int bRow, Span<float> c, int cRow, int rows, int inner, int columns)
    {
        for (int i = 0; i < rows; i++)
            for (int k = 0; k < inner; k++)
            {
                float factor = a[i * aRow + k * aStep];
                for (int j = 0; j < columns; j++)
                    c[i * cRow + j] = float.MultiplyAddEstimate(factor, b[k * bRow + j], c[i * cRow + j]);
            }
    }

    /// <summary>As <see cref="AddReference"/>, in tiles of 4 rows × 2 vectors.</summary>
    public static void Add(
        ReadOnlySpan<float> a, int aRow, int aStep, ReadOnlySpan<float> b, int bRow, Span<float> c, int cRow, int rows, int inner, int columns)
    {
        if (rows == 0 || inner == 0 || columns == 0) return;
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((long)(rows - 1) * aRow + (long)(inner - 1) * aStep, a.Length, nameof(a));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)(inner - 1) * bRow + columns, b.Length, nameof(b));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)(rows - 1) * cRow + columns, c.Length, nameof(c));
        if (!Vector.IsHardwareAccelerated)
        {
            AddReference(a, aRow, aStep, b, bRow, c, cRow, rows, inner, columns);
            return;
        }

        int width = Vector<float>.Count;
        int vectors = columns - columns % width;
        ref float a0 = ref MemoryMarshal.GetReference(a), b0 = ref MemoryMarshal.GetReference(b), c0 = ref MemoryMarshal.GetReference(c);
        int i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            ref float aTile = ref Unsafe.Add(ref a0, (nint)i * aRow), cTile = ref Unsafe.Add(ref c0, (nint)i * cRow);
            int j = 0;
            for (; j + 2 * width <= vectors; j += 2 * width)
                Tile4X2(ref aTile, aRow, aStep, ref Unsafe.Add(ref b0, j), bRow, ref Unsafe.Add(ref cTile, j), cRow, inner);
            if (j < vectors) Tile4X1(ref aTile, aRow, aStep, ref Unsafe.Add(ref b0, j), bRow, ref Unsafe.Add(ref cTile, j), cRow, inner);
        }
        for (; i < rows; i++)
        {
            ref float aTile = ref Unsafe.Add(ref a0, (nint)i * aRow), cTile = ref Unsafe.Add(ref c0, (nint)i * cRow);
            int j = 0;
            for (; j + 4 * width <= vectors; j += 4 * width)
                Tile1X4(ref aTile, aStep, ref Unsafe.Add(ref b0, j), bRow, ref Unsafe.Add(ref cTile, j), inner);
            for (; j < vectors; j += width)
                Tile1X1(ref aTile, aStep, ref Unsafe.Add(ref b0, j), bRow, ref Unsafe.Add(ref cTile, j), inner);
        }
        if (vectors < columns)
            AddReference(a, aRow, aStep, b[vectors..], bRow, c[vectors..], cRow, rows, inner, columns - vectors);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile4X2(ref float a, nint aRow, nint aStep, ref float b, nint bRow, ref float c, nint cRow, int inner)
    {
        nuint width = (nuint)Vector<float>.Count;
        ref float c1 = ref Unsafe.Add(ref c, cRow), c2 = ref Unsafe.Add(ref c, 2 * cRow), c3 = ref Unsafe.Add(ref c, 3 * cRow);
        Vector<float> s00 = Vector.LoadUnsafe(ref c), s01 = Vector.LoadUnsafe(ref c, width);
        Vector<float> s10 = Vector.LoadUnsafe(ref c1), s11 = Vector.LoadUnsafe(ref c1, width);
        Vector<float> s20 = Vector.LoadUnsafe(ref c2), s21 = Vector.LoadUnsafe(ref c2, width);
        Vector<float> s30 = Vector.LoadUnsafe(ref c3), s31 = Vector.LoadUnsafe(ref c3, width);
        for (int k = 0; k < inner; k++)
        {
            Vector<float> b0 = Vector.LoadUnsafe(ref b), b1 = Vector.LoadUnsafe(ref b, width);
            Vector<float> f = new(a);
            s00 = Vector.MultiplyAddEstimate(f, b0, s00);
            s01 = Vector.MultiplyAddEstimate(f, b1, s01);
            f = new(Unsafe.Add(ref a, aRow));
            s10 = Vector.MultiplyAddEstimate(f, b0, s10);
            s11 = Vector.MultiplyAddEstimate(f, b1, s11);
            f = new(Unsafe.Add(ref a, 2 * aRow));
            s20 = Vector.MultiplyAddEstimate(f, b0, s20);
            s21 = Vector.MultiplyAddEstimate(f, b1, s21);
            f = new(Unsafe.Add(ref a, 3 * aRow));
            s30 = Vector.MultiplyAddEstimate(f, b0, s30);
            s31 = Vector.MultiplyAddEstimate(f, b1, s31);
            a = ref Unsafe.Add(ref a, aStep);
            b = ref Unsafe.Add(ref b, bRow);
        }
        s00.StoreUnsafe(ref c);
        s01.StoreUnsafe(ref c, width);
        s10.StoreUnsafe(ref c1);
        s11.StoreUnsafe(ref c1, width);
        s20.StoreUnsafe(ref c2);
        s21.StoreUnsafe(ref c2, width);
        s30.StoreUnsafe(ref c3);
        s31.StoreUnsafe(ref c3, width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile4X1(ref float a, nint aRow, nint aStep, ref float b, nint bRow, ref float c, nint cRow, int inner)
    {
        ref float c1 = ref Unsafe.Add(ref c, cRow), c2 = ref Unsafe.Add(ref c, 2 * cRow), c3 = ref Unsafe.Add(ref c, 3 * cRow);
        Vector<float> s0 = Vector.LoadUnsafe(ref c), s1 = Vector.LoadUnsafe(ref c1), s2 = Vector.LoadUnsafe(ref c2), s3 = Vector.LoadUnsafe(ref c3);
        for (int k = 0; k < inner; k++)
        {
            Vector<float> b0 = Vector.LoadUnsafe(ref b);
            s0 = Vector.MultiplyAddEstimate(new(a), b0, s0);
            s1 = Vector.MultiplyAddEstimate(new(Unsafe.Add(ref a, aRow)), b0, s1);
            s2 = Vector.MultiplyAddEstimate(new(Unsafe.Add(ref a, 2 * aRow)), b0, s2);
            s3 = Vector.MultiplyAddEstimate(new(Unsafe.Add(ref a, 3 * aRow)), b0, s3);
            a = ref Unsafe.Add(ref a, aStep);
            b = ref Unsafe.Add(ref b, bRow);
        }
        s0.StoreUnsafe(ref c);
        s1.StoreUnsafe(ref c1);
        s2.StoreUnsafe(ref c2);
        s3.StoreUnsafe(ref c3);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile1X4(ref float a, nint aStep, ref float b, nint bRow, ref float c, int inner)
    {
        nuint width = (nuint)Vector<float>.Count;
        Vector<float> s0 = Vector.LoadUnsafe(ref c), s1 = Vector.LoadUnsafe(ref c, width);
        Vector<float> s2 = Vector.LoadUnsafe(ref c, 2 * width), s3 = Vector.LoadUnsafe(ref c, 3 * width);
        for (int k = 0; k < inner; k++)
        {
            Vector<float> f = new(a);
            s0 = Vector.MultiplyAddEstimate(f, Vector.LoadUnsafe(ref b), s0);
            s1 = Vector.MultiplyAddEstimate(f, Vector.LoadUnsafe(ref b, width), s1);
            s2 = Vector.MultiplyAddEstimate(f, Vector.LoadUnsafe(ref b, 2 * width), s2);
            s3 = Vector.MultiplyAddEstimate(f, Vector.LoadUnsafe(ref b, 3 * width), s3);
            a = ref Unsafe.Add(ref a, aStep);
            b = ref Unsafe.Add(ref b, bRow);
        }
        s0.StoreUnsafe(ref c);
        s1.StoreUnsafe(ref c, width);
        s2.StoreUnsafe(ref c, 2 * width);
        s3.StoreUnsafe(ref c, 3 * width);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile1X1(ref float a, nint aStep, ref float b, nint bRow, ref float c, int inner)
    {
        Vector<float> sum = Vector.LoadUnsafe(ref c);
        for (int k = 0; k < inner; k++)
        {
            sum = Vector.MultiplyAddEstimate(new(a), Vector.LoadUnsafe(ref b), sum);
            a = ref Unsafe.Add(ref a, aStep);
            b = ref Unsafe.Add(ref b, bRow);
        }
        sum.StoreUnsafe(ref c);
    }
}
