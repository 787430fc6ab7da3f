using System.Runtime.CompilerServices;
using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Heads;

/// <summary>
/// Each group of raw outputs in ascending order, so that quantiles cannot cross (rearrangement: Chernozhukov, Fernández-Val,
/// Galichon 2010). The gradient flows back through the permutation.
/// </summary>
sealed class SortQuantiles(int capacity, int quantiles, Tensor raw, Tensor sorted) : Op
{
    readonly byte[] _from = new byte[capacity * raw.Width];

    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++)
            for (int first = 0; first < raw.Width; first += quantiles)
                SortGroup(raw.Row(row).Slice(first, quantiles), sorted.Row(row).Slice(first, quantiles), _from.AsSpan(row * raw.Width + first, quantiles));
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> to = raw.GradientRow(row), d = sorted.GradientRow(row);
            ReadOnlySpan<byte> from = _from.AsSpan(row * raw.Width, raw.Width);
            for (int i = 0; i < d.Length; i++) to[i - i % quantiles + from[i]] += d[i];
        }
    }

    /// <summary>All groups of a row, where no gradient will come back.</summary>
    public static void Sort(ReadOnlySpan<float> raw, Span<float> sorted, int quantiles)
    {
        if (quantiles == 3)
        {
            SortThrees(raw, sorted);
            return;
        }
        Span<byte> from = stackalloc byte[quantiles];
        for (int first = 0; first < raw.Length; first += quantiles)
            SortGroup(raw.Slice(first, quantiles), sorted.Slice(first, quantiles), from);
    }

    /// <summary>Without a branch: the order of an untrained model's quantiles cannot be predicted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void SortThrees(ReadOnlySpan<float> raw, Span<float> sorted)
    {
        for (int i = 0; i + 2 < raw.Length && i + 2 < sorted.Length; i += 3)
        {
            float a = raw[i], b = raw[i + 1], c = raw[i + 2];
            float low = float.MinNative(a, b), high = float.MaxNative(a, b);
            sorted[i] = float.MinNative(low, c);
            sorted[i + 1] = float.MaxNative(low, float.MinNative(high, c));
            sorted[i + 2] = float.MaxNative(high, c);
        }
    }

    /// <summary>Insertion sort: stable, and the fastest for a handful.</summary>
    public static void SortGroup(ReadOnlySpan<float> raw, Span<float> sorted, Span<byte> from)
    {
        for (int i = 0; i < raw.Length; i++)
        {
            int place = i;
            for (; place > 0 && sorted[place - 1] > raw[i]; place--)
            {
                sorted[place] = sorted[place - 1];
                from[place] = from[place - 1];
            }
            sorted[place] = raw[i];
            from[place] = (byte)i;
        }
    }
}
