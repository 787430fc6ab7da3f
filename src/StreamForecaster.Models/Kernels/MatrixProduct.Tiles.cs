using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamForecaster.Models.Kernels;

/// <summary>The tiles hold their sums in registers over all of k; they are leaves, as a call would spill the sums in every round.</summary>
static partial class MatrixProduct
{
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
