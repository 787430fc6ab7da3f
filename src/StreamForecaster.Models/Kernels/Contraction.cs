using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>Samples [outer, inner] of a vector: where they start and how far they lie apart.</summary>
readonly unsafe struct Samples(float* start, nint outer, nint inner)
{
    public float* Start => start;

    public nint Outer => outer;

    public nint Inner => inner;
}

/// <summary>
/// C[i, j] += Σ over samples of a_i · b_j: gradients of weights, summed over steps (outer) and rows (inner) in a fixed order.
/// C's rows are contiguous and as wide as b, a multiple of 24: tiles of 4 × 24 are 12 accumulators, three vectors, a broadcast.
/// </summary>
static unsafe partial class Contraction
{
    public static void Add(Samples a, int aWidth, Samples b, int bWidth, float* c, int outer, int inner)
    {
        int wide = Vector512.IsHardwareAccelerated && bWidth % WideColumns == 0 ? aWidth - aWidth % WideRows : 0;
        for (int i = 0; i < wide; i += WideRows)
            for (int j = 0; j < bWidth; j += WideColumns) Tile8(a, i, b, j, c + i * bWidth + j, bWidth, outer, inner);
        for (int j = 0; j < bWidth; j += 24)
        {
            int i = wide;
            for (; i + 4 <= aWidth; i += 4) Tile4(a, i, b, j, c + i * bWidth + j, bWidth, outer, inner);
            for (; i < aWidth; i++) Tile1(a, i, b, j, c + i * bWidth + j, outer, inner);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Tile4(in Samples a, int i, in Samples b, int j, float* c, nint cRow, int outer, int inner)
    {
        Vector256<float> c00 = Vector256.Load(c), c01 = Vector256.Load(c + 8), c02 = Vector256.Load(c + 16);
        float* c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        Vector256<float> c10 = Vector256.Load(c1), c11 = Vector256.Load(c1 + 8), c12 = Vector256.Load(c1 + 16);
        Vector256<float> c20 = Vector256.Load(c2), c21 = Vector256.Load(c2 + 8), c22 = Vector256.Load(c2 + 16);
        Vector256<float> c30 = Vector256.Load(c3), c31 = Vector256.Load(c3 + 8), c32 = Vector256.Load(c3 + 16);
        nint aInner = a.Inner, bInner = b.Inner;
        float* aStart = a.Start + i, bStart = b.Start + j;
        for (int step = 0; step < outer; step++)
        {
            float* x = aStart + step * a.Outer, y = bStart + step * b.Outer;
            for (int row = 0; row < inner; row++)
            {
                Vector256<float> y0 = Vector256.Load(y), y1 = Vector256.Load(y + 8), y2 = Vector256.Load(y + 16), f = Vector256.Create(x[0]);
                (c00, c01, c02) = (Fma(f, y0, c00), Fma(f, y1, c01), Fma(f, y2, c02));
                f = Vector256.Create(x[1]);
                (c10, c11, c12) = (Fma(f, y0, c10), Fma(f, y1, c11), Fma(f, y2, c12));
                f = Vector256.Create(x[2]);
                (c20, c21, c22) = (Fma(f, y0, c20), Fma(f, y1, c21), Fma(f, y2, c22));
                f = Vector256.Create(x[3]);
                (c30, c31, c32) = (Fma(f, y0, c30), Fma(f, y1, c31), Fma(f, y2, c32));
                x += aInner;
                y += bInner;
            }
        }
        c00.Store(c);
        c01.Store(c + 8);
        c02.Store(c + 16);
        c10.Store(c1);
        c11.Store(c1 + 8);
        c12.Store(c1 + 16);
        c20.Store(c2);
        c21.Store(c2 + 8);
        c22.Store(c2 + 16);
        c30.Store(c3);
        c31.Store(c3 + 8);
        c32.Store(c3 + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Tile1(in Samples a, int i, in Samples b, int j, float* c, int outer, int inner)
    {
        Vector256<float> c0 = Vector256.Load(c), c1 = Vector256.Load(c + 8), c2 = Vector256.Load(c + 16);
        nint aInner = a.Inner, bInner = b.Inner;
        float* aStart = a.Start + i, bStart = b.Start + j;
        for (int step = 0; step < outer; step++)
        {
            float* x = aStart + step * a.Outer, y = bStart + step * b.Outer;
            for (int row = 0; row < inner; row++)
            {
                Vector256<float> f = Vector256.Create(*x);
                (c0, c1, c2) = (Fma(f, Vector256.Load(y), c0), Fma(f, Vector256.Load(y + 8), c1), Fma(f, Vector256.Load(y + 16), c2));
                x += aInner;
                y += bInner;
            }
        }
        c0.Store(c);
        c1.Store(c + 8);
        c2.Store(c + 16);
    }

    /// <summary>c_j += Σ over samples of b_j, for a width that is a multiple of 16.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void AddColumns(in Samples b, int width, float* c, int outer, int inner)
    {
        nint bInner = b.Inner;
        for (int j = 0; j < width; j += 16)
        {
            Vector256<float> c0 = Vector256.Load(c + j), c1 = Vector256.Load(c + j + 8);
            for (int step = 0; step < outer; step++)
            {
                float* y = b.Start + step * b.Outer + j;
                for (int row = 0; row < inner; row++)
                {
                    c0 += Vector256.Load(y);
                    c1 += Vector256.Load(y + 8);
                    y += bInner;
                }
            }
            c0.Store(c + j);
            c1.Store(c + j + 8);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);
}
