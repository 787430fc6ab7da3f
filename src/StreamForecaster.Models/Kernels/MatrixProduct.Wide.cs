using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>The tile for vectors of sixteen and their 32 registers; summed in the same order as the others.</summary>
static partial class MatrixProduct
{
    const int WideRows = 8, WideColumns = 32;

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Tile8X2(ref float a, nint aRow, nint aStep, ref float b, nint bRow, ref float c, nint cRow, int inner)
    {
        ref float c1 = ref Unsafe.Add(ref c, cRow);
        ref float c2 = ref Unsafe.Add(ref c, 2 * cRow);
        ref float c3 = ref Unsafe.Add(ref c, 3 * cRow);
        ref float c4 = ref Unsafe.Add(ref c, 4 * cRow);
        ref float c5 = ref Unsafe.Add(ref c, 5 * cRow);
        ref float c6 = ref Unsafe.Add(ref c, 6 * cRow);
        ref float c7 = ref Unsafe.Add(ref c, 7 * cRow);
        Vector512<float> s00 = Vector512.LoadUnsafe(ref c), s01 = Vector512.LoadUnsafe(ref c, 16);
        Vector512<float> s10 = Vector512.LoadUnsafe(ref c1), s11 = Vector512.LoadUnsafe(ref c1, 16);
        Vector512<float> s20 = Vector512.LoadUnsafe(ref c2), s21 = Vector512.LoadUnsafe(ref c2, 16);
        Vector512<float> s30 = Vector512.LoadUnsafe(ref c3), s31 = Vector512.LoadUnsafe(ref c3, 16);
        Vector512<float> s40 = Vector512.LoadUnsafe(ref c4), s41 = Vector512.LoadUnsafe(ref c4, 16);
        Vector512<float> s50 = Vector512.LoadUnsafe(ref c5), s51 = Vector512.LoadUnsafe(ref c5, 16);
        Vector512<float> s60 = Vector512.LoadUnsafe(ref c6), s61 = Vector512.LoadUnsafe(ref c6, 16);
        Vector512<float> s70 = Vector512.LoadUnsafe(ref c7), s71 = Vector512.LoadUnsafe(ref c7, 16);
        ref float a4 = ref Unsafe.Add(ref a, 4 * aRow);
        for (int k = 0; k < inner; k++)
        {
            Vector512<float> b0 = Vector512.LoadUnsafe(ref b), b1 = Vector512.LoadUnsafe(ref b, 16), f;
            (s00, s01) = (Fma(f = Vector512.Create(a), b0, s00), Fma(f, b1, s01));
            (s10, s11) = (Fma(f = Vector512.Create(Unsafe.Add(ref a, aRow)), b0, s10), Fma(f, b1, s11));
            (s20, s21) = (Fma(f = Vector512.Create(Unsafe.Add(ref a, 2 * aRow)), b0, s20), Fma(f, b1, s21));
            (s30, s31) = (Fma(f = Vector512.Create(Unsafe.Add(ref a, 3 * aRow)), b0, s30), Fma(f, b1, s31));
            (s40, s41) = (Fma(f = Vector512.Create(a4), b0, s40), Fma(f, b1, s41));
            (s50, s51) = (Fma(f = Vector512.Create(Unsafe.Add(ref a4, aRow)), b0, s50), Fma(f, b1, s51));
            (s60, s61) = (Fma(f = Vector512.Create(Unsafe.Add(ref a4, 2 * aRow)), b0, s60), Fma(f, b1, s61));
            (s70, s71) = (Fma(f = Vector512.Create(Unsafe.Add(ref a4, 3 * aRow)), b0, s70), Fma(f, b1, s71));
            a = ref Unsafe.Add(ref a, aStep);
            a4 = ref Unsafe.Add(ref a4, aStep);
            b = ref Unsafe.Add(ref b, bRow);
        }
        Store(ref c, s00, s01);
        Store(ref c1, s10, s11);
        Store(ref c2, s20, s21);
        Store(ref c3, s30, s31);
        Store(ref c4, s40, s41);
        Store(ref c5, s50, s51);
        Store(ref c6, s60, s61);
        Store(ref c7, s70, s71);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(ref float to, Vector512<float> v0, Vector512<float> v1)
    {
        v0.StoreUnsafe(ref to);
        v1.StoreUnsafe(ref to, 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);
}
