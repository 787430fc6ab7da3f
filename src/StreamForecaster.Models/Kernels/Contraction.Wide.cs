using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>The tile for vectors of sixteen: 8 × 48 are 24 accumulators of the 32 registers, summed in the same order.</summary>
static unsafe partial class Contraction
{
    const int WideRows = 8, WideColumns = 48;

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void Tile8(in Samples a, int i, in Samples b, int j, float* c, nint cRow, int outer, int inner)
    {
        float* c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow, c4 = c3 + cRow, c5 = c4 + cRow, c6 = c5 + cRow, c7 = c6 + cRow;
        Vector512<float> c00 = Vector512.Load(c), c01 = Vector512.Load(c + 16), c02 = Vector512.Load(c + 32);
        Vector512<float> c10 = Vector512.Load(c1), c11 = Vector512.Load(c1 + 16), c12 = Vector512.Load(c1 + 32);
        Vector512<float> c20 = Vector512.Load(c2), c21 = Vector512.Load(c2 + 16), c22 = Vector512.Load(c2 + 32);
        Vector512<float> c30 = Vector512.Load(c3), c31 = Vector512.Load(c3 + 16), c32 = Vector512.Load(c3 + 32);
        Vector512<float> c40 = Vector512.Load(c4), c41 = Vector512.Load(c4 + 16), c42 = Vector512.Load(c4 + 32);
        Vector512<float> c50 = Vector512.Load(c5), c51 = Vector512.Load(c5 + 16), c52 = Vector512.Load(c5 + 32);
        Vector512<float> c60 = Vector512.Load(c6), c61 = Vector512.Load(c6 + 16), c62 = Vector512.Load(c6 + 32);
        Vector512<float> c70 = Vector512.Load(c7), c71 = Vector512.Load(c7 + 16), c72 = Vector512.Load(c7 + 32);
        nint aInner = a.Inner, bInner = b.Inner;
        float* aStart = a.Start + i, bStart = b.Start + j;
        for (int step = 0; step < outer; step++)
        {
            float* x = aStart + step * a.Outer, y = bStart + step * b.Outer;
            for (int row = 0; row < inner; row++)
            {
                Vector512<float> y0 = Vector512.Load(y), y1 = Vector512.Load(y + 16), y2 = Vector512.Load(y + 32), f;
                (c00, c01, c02) = (Fma(f = Vector512.Create(x[0]), y0, c00), Fma(f, y1, c01), Fma(f, y2, c02));
                (c10, c11, c12) = (Fma(f = Vector512.Create(x[1]), y0, c10), Fma(f, y1, c11), Fma(f, y2, c12));
                (c20, c21, c22) = (Fma(f = Vector512.Create(x[2]), y0, c20), Fma(f, y1, c21), Fma(f, y2, c22));
                (c30, c31, c32) = (Fma(f = Vector512.Create(x[3]), y0, c30), Fma(f, y1, c31), Fma(f, y2, c32));
                (c40, c41, c42) = (Fma(f = Vector512.Create(x[4]), y0, c40), Fma(f, y1, c41), Fma(f, y2, c42));
                (c50, c51, c52) = (Fma(f = Vector512.Create(x[5]), y0, c50), Fma(f, y1, c51), Fma(f, y2, c52));
                (c60, c61, c62) = (Fma(f = Vector512.Create(x[6]), y0, c60), Fma(f, y1, c61), Fma(f, y2, c62));
                (c70, c71, c72) = (Fma(f = Vector512.Create(x[7]), y0, c70), Fma(f, y1, c71), Fma(f, y2, c72));
                x += aInner;
                y += bInner;
            }
        }
        Store(c, c00, c01, c02);
        Store(c1, c10, c11, c12);
        Store(c2, c20, c21, c22);
        Store(c3, c30, c31, c32);
        Store(c4, c40, c41, c42);
        Store(c5, c50, c51, c52);
        Store(c6, c60, c61, c62);
        Store(c7, c70, c71, c72);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(float* to, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2)
    {
        v0.Store(to);
        v1.Store(to + 16);
        v2.Store(to + 32);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);
}
