using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// The upper tail of one kind of evidence: the eight largest maxima over blocks of ten steps, slowly forgotten.
/// Maxima over blocks, so that one anomaly does not make itself common.
/// </summary>
struct BlockTail
{
    /// <summary>Steps in a block.</summary>
    internal const int BlockSteps = 10;

    /// <summary>Blocks remembered (forgetting by 1/300 a block), and the virtual past of <see cref="CountedRarity"/>.</summary>
    internal const float Memory = 300;

    /// <summary>The fixed-point unit of an entry's weight.</summary>
    internal const int Unit = 128;

    const float HalfABlock = 0.3f; // of independent ones: slow evidence grows over blocks, and is not to hide itself

    const float FewBlocks = 8; // with so few independent blocks, hardly anything is said beyond them

    const float StretchSteps = 0.3f; // the steps of a block are worth about three independent ones

    const float Smallest = 1e-15f;

    // Bin in the high half, weight in the low half, descending; 0 is an empty place.
    Entries _entries;
    uint _blockBin;

    /// <summary>The bin of a magnitude: eight an octave, 0 for next to nothing.</summary>
    internal static uint BinOf(float magnitude) =>
        magnitude >= Smallest ? BitConverter.SingleToUInt32Bits(magnitude) >> 20 : 0;

    /// <summary>Takes a step's evidence into the current block.</summary>
    internal void Observe(float magnitude) => _blockBin = Math.Max(_blockBin, BinOf(magnitude));

    /// <summary>Ends the block: forgets a little, and stores the block's maximum with a weight in <see cref="Unit"/>s.</summary>
    internal void EndBlock(uint weight, float dither)
    {
        Span<uint> entries = _entries;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            if (entry == 0)
            {
                break;
            }

            // The dither makes the rounding of small weights right on average, and the same in every run.
            dither += 0.381966f;
            dither -= dither >= 1 ? 1 : 0;
            var left = (entry & 0xFFFF) - (uint)(((entry & 0xFFFF) / Memory) + dither);
            entries[i] = left is 0 or > 0xFFFF ? 0 : (entry & 0xFFFF0000) | left;
        }

        if (_blockBin != 0)
        {
            Insert(entries, _blockBin, weight);
        }

        Sort(entries);
        _blockBin = 0;
    }

    /// <summary>
    /// Counted rarity in decades a step: −log₁₀ of (blocks at least as large + ½) over the blocks seen, with a
    /// virtual past of 300 blocks without anything remarkable.
    /// </summary>
    internal readonly float CountedRarity(float magnitude, float blocks)
    {
        var bin = BinOf(magnitude);
        if (bin == 0)
        {
            return 0;
        }

        ReadOnlySpan<uint> entries = _entries;
        var above = 0u;
        foreach (var entry in entries)
        {
            if (entry == 0)
            {
                break;
            }

            if (entry >> 16 < bin)
            {
                return Rarity((above / (float)Unit) + 0.5f, Math.Max(blocks + 1, Memory));
            }

            above += entry & 0xFFFF;
        }

        // Below the list, half of what is not listed counts as larger; an open list has everything in it.
        var listed = above / (float)Unit;
        var hidden = entries[^1] == 0 ? 0 : 0.5f * Math.Max(0, blocks - listed);
        return Rarity(listed + hidden + 0.5f, Math.Max(blocks + 1, Memory));
    }

    /// <summary>
    /// Calibrated rarity in decades a step, from the blocks really seen. Beyond the largest maximum that has a
    /// block's full weight, the tail goes on as a stretched exponential ln p ∝ uᵏ with k from the listed maxima, shrunk
    /// towards 1 (compare Gardes and Girard 2008 on Weibull tails). Of the blocks only a share counts as independent.
    /// </summary>
    internal readonly float CalibratedRarity(float magnitude, float blocks, float share)
    {
        var bin = BinOf(magnitude);
        ReadOnlySpan<uint> entries = _entries;
        if (bin == 0 || entries[0] == 0 || bin < entries[^1] >> 16)
        {
            return 0;
        }

        var (above, reference, referenceWeight, last, lastWeight) = (0f, 0u, 0f, 0u, 0f);
        foreach (var entry in entries)
        {
            if (entry == 0)
            {
                break;
            }

            var weight = share * (entry & 0xFFFF) / Unit;
            above += entry >> 16 > bin ? weight : entry >> 16 == bin ? 0.5f * weight : 0;
            lastWeight += weight;
            last = entry >> 16;
            if (reference == 0 && lastWeight >= Math.Max(0.9f * share, HalfABlock))
            {
                (reference, referenceWeight) = (last, lastWeight);
            }
        }

        if (reference == 0)
        {
            (reference, referenceWeight) = (last, lastWeight);
        }

        blocks *= share;
        if (bin <= reference)
        {
            return bin < last ? 0 : Rarity(Math.Max(1, above), blocks + 1);
        }

        var atReference = Rarity(Math.Max(1, referenceWeight), (blocks + 1) * StretchSteps);
        var atLast = Rarity(Math.Max(1, lastWeight) + 0.5f, (blocks + 1) * StretchSteps);
        var stretch = Stretch(atReference, atLast, ValueOf(reference) / ValueOf(last)) * blocks / (blocks + FewBlocks);
        var reach = MathF.Pow(magnitude / ValueOf(reference), stretch);
        return MathF.Min(30, Rarity(1, blocks + 1) * MathF.Max(1, reach));
    }

    static float Stretch(float decadesHigh, float decadesLow, float ratio)
    {
        const float prior = 0.25f;
        var rise = MathF.Log(MathF.Max(decadesHigh, 0.1f) / MathF.Max(decadesLow, 0.1f));
        return Math.Clamp((MathF.Max(rise, 0) + prior) / (MathF.Log(ratio) + prior), 0.4f, 1.2f);
    }

    static float ValueOf(uint bin) => BitConverter.UInt32BitsToSingle((bin << 20) | (1 << 19));

    static float Rarity(float count, float blocks) => MathF.Max(0, Decades.Log10(BlockSteps * blocks / count));

    static void Insert(Span<uint> entries, uint bin, uint weight)
    {
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i] >> 16 == bin)
            {
                entries[i] = (bin << 16) | Math.Min((entries[i] & 0xFFFF) + weight, 0xFFFF);
                return;
            }
        }

        // Zeros left by forgetting may stand anywhere: the smallest entry is the place to take.
        var smallest = 0;
        for (var i = 1; i < entries.Length; i++)
        {
            smallest = entries[i] < entries[smallest] ? i : smallest;
        }

        if (entries[smallest] >> 16 < bin)
        {
            entries[smallest] = (bin << 16) | weight;
        }
    }

    static void Sort(Span<uint> entries)
    {
        for (var i = 1; i < entries.Length; i++)
        {
            var entry = entries[i];
            var j = i;
            for (; j > 0 && entries[j - 1] < entry; j--)
            {
                entries[j] = entries[j - 1];
            }

            entries[j] = entry;
        }
    }

    [InlineArray(8)]
    struct Entries
    {
        uint _first;
    }
}
