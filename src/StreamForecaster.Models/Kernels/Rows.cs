using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Models.Kernels;

/// <summary>What is done with one row of a batch. The order of a sum depends on the length alone, never on alignment.</summary>
static class Rows
{
    /// <summary>Σ a_i b_i.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(b.Length, a.Length, nameof(b));
        int i = 0;
        float total = 0;
        if (Vector.IsHardwareAccelerated)
        {
            ref float x = ref MemoryMarshal.GetReference(a), y = ref MemoryMarshal.GetReference(b);
            Vector<float> even = Vector<float>.Zero, odd = Vector<float>.Zero;
            int width = Vector<float>.Count;
            for (; i + 2 * width <= a.Length; i += 2 * width)
            {
                even = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i), even);
                odd = Vector.MultiplyAddEstimate(Vector.LoadUnsafe(ref x, (nuint)(i + width)), Vector.LoadUnsafe(ref y, (nuint)(i + width)), odd);
            }
            total = Vector.Sum(even + odd);
        }
        for (; i < a.Length; i++) total = float.MultiplyAddEstimate(a[i], b[i], total);
        return total;
    }

    /// <summary>target += factor · source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void AddScaled(float factor, ReadOnlySpan<float> source, Span<float> target)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(target.Length, source.Length, nameof(target));
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            ref float x = ref MemoryMarshal.GetReference(source), y = ref MemoryMarshal.GetReference(target);
            Vector<float> f = new(factor);
            for (; i + Vector<float>.Count <= source.Length; i += Vector<float>.Count)
                Vector.MultiplyAddEstimate(f, Vector.LoadUnsafe(ref x, (nuint)i), Vector.LoadUnsafe(ref y, (nuint)i)).StoreUnsafe(ref y, (nuint)i);
        }
        for (; i < source.Length; i++) target[i] = float.MultiplyAddEstimate(factor, source[i], target[i]);
    }

    /// <summary>
    /// Softmax in place, the maximum subtracted first (<c>TensorPrimitives.SoftMax</c> does not). A score of -∞ gets weight 0;
    /// at least one score must be finite.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Softmax(Span<float> row)
    {
        float most = float.NegativeInfinity;
        foreach (float score in row) most = MathF.Max(most, score);
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            ref float x = ref MemoryMarshal.GetReference(row);
            for (; i + Vector<float>.Count <= row.Length; i += Vector<float>.Count)
                Rational.Exp(Vector.LoadUnsafe(ref x, (nuint)i) - new Vector<float>(most)).StoreUnsafe(ref x, (nuint)i);
        }
        for (; i < row.Length; i++) row[i] = Rational.Exp(row[i] - most);
        float total = 0;
        foreach (float weight in row) total += weight;
        float scale = 1 / total;
        foreach (ref float weight in row) weight *= scale;
    }
}
