using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// C[i, j] += Σ_k A[i, k] · B[k, j]: the one product that forward, input gradient and weight gradient need.
/// A is read value by value with two strides, so it may be a transposed view; B and C have contiguous rows.
/// Every (i, j) is summed over k in ascending order with one fused operation per term, in a tile as in a tail:
/// a row's bits depend neither on the number of rows nor on its place among them.
/// </summary>
static partial class MatrixProduct
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

    /// <summary>As <see cref="AddReference"/>, in tiles of 4 rows × 2 vectors, or 8 × 2 of the widest.</summary>
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
        int wideRows = Vector512.IsHardwareAccelerated ? rows - rows % WideRows : 0, wideColumns = wideRows > 0 ? columns - columns % WideColumns : 0;
        for (int row = 0; row < wideRows; row += WideRows)
            for (int j = 0; j < wideColumns; j += WideColumns)
                Tile8X2(
                    ref Unsafe.Add(ref a0, (nint)row * aRow), aRow, aStep, ref Unsafe.Add(ref b0, j), bRow, ref Unsafe.Add(ref c0, (nint)row * cRow + j), cRow, inner);

        int i = 0;
        for (; i + 4 <= rows; i += 4)
        {
            ref float aTile = ref Unsafe.Add(ref a0, (nint)i * aRow), cTile = ref Unsafe.Add(ref c0, (nint)i * cRow);
            int j = i < wideRows ? wideColumns : 0;
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
}
