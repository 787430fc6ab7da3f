using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>Products of short vectors whose length is a multiple of 4; multiply then add, so that every machine gives the same bits.</summary>
static class SmallVectors
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Dot(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        ref var left = ref MemoryMarshal.GetReference(x);
        ref var right = ref MemoryMarshal.GetReference(y[..x.Length]);
        var sum = Vector128<float>.Zero;
        for (var i = 0; i < x.Length; i += 4)
        {
            sum += Vector128.LoadUnsafe(ref Unsafe.Add(ref left, i)) * Vector128.LoadUnsafe(ref Unsafe.Add(ref right, i));
        }

        var pairs = sum + Vector128.Shuffle(sum, Vector128.Create(1, 0, 3, 2));
        return pairs[0] + pairs[2];
    }

    /// <summary>y += a x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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

    /// <summary>x ← 0; cheaper than a call where x is short.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Clear(Span<float> x)
    {
        ref var target = ref MemoryMarshal.GetReference(x);
        for (var i = 0; i < x.Length; i += 4)
        {
            Vector128<float>.Zero.StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }

    /// <summary>x ← 0 where it is not a number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ClearUnknown(Span<float> x)
    {
        ref var target = ref MemoryMarshal.GetReference(x);
        for (var i = 0; i < x.Length; i += 4)
        {
            var known = Vector128.LoadUnsafe(ref Unsafe.Add(ref target, i));
            Vector128.BitwiseAnd(known, Vector128.Equals(known, known)).StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }

    /// <summary>y ← b (y + a x).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(Span<float> y, float a, ReadOnlySpan<float> x, float b)
    {
        ref var target = ref MemoryMarshal.GetReference(y[..x.Length]);
        ref var source = ref MemoryMarshal.GetReference(x);
        var factor = Vector128.Create(a);
        for (var i = 0; i < x.Length; i += 4)
        {
            var sum = Vector128.LoadUnsafe(ref Unsafe.Add(ref target, i)) + (factor * Vector128.LoadUnsafe(ref Unsafe.Add(ref source, i)));
            (b * sum).StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }

    /// <summary>y ← x / a.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Divide(ReadOnlySpan<float> x, float a, Span<float> y)
    {
        ref var source = ref MemoryMarshal.GetReference(x);
        ref var target = ref MemoryMarshal.GetReference(y[..x.Length]);
        for (var i = 0; i < x.Length; i += 4)
        {
            (Vector128.LoadUnsafe(ref Unsafe.Add(ref source, i)) / a).StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }

    /// <summary>x ← a x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Scale(Span<float> x, float a)
    {
        ref var target = ref MemoryMarshal.GetReference(x);
        for (var i = 0; i < x.Length; i += 4)
        {
            (a * Vector128.LoadUnsafe(ref Unsafe.Add(ref target, i))).StoreUnsafe(ref Unsafe.Add(ref target, i));
        }
    }
}
