using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>Products of short vectors whose length is a multiple of 4; multiply then add, so that every machine gives the same bits.</summary>
static class SmallVectors
{
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ref var left = ref MemoryMarshal.GetReference(x);
        ref var right = ref MemoryMarshal.GetReference(y[..x.Length]);
        var sum = Vector128<float>.Zero;
        for (var i = 0; i < x.Length; i += 4)
        {
            sum += Vector128.LoadUnsafe(ref Unsafe.Add(ref left, i)) * Vector128.LoadUnsafe(ref Unsafe.Add(ref right, i));
        }

        return sum[0] + sum[1] + (sum[2] + sum[3]);
    }

    /// <summary>y += a x.</summary>
    public static void AddScaled(Span<float> y, float a, ReadOnlySpan<float> x)
    {
        ref var target = ref MemoryMarshal.GetReference(y[..x.Length]);
        ref var source = ref MemoryMarshal.GetReference(x);
        var factor = Vector128.Create(a);
        for (var i = 0; i < x.Length; i += 4)
        {
            var sum = Vector128.LoadUnsafe(ref Unsafe.Add(ref target, i)) + (factor * Vector128.LoadUnsafe(ref Unsafe.Add(ref source, i)));
            sum.StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }

    /// <summary>x ← a x.</summary>
    public static void Scale(Span<float> x, float a)
    {
        ref var target = ref MemoryMarshal.GetReference(x);
        for (var i = 0; i < x.Length; i += 4)
        {
            (a * Vector128.LoadUnsafe(ref Unsafe.Add(ref target, i))).StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }
}
