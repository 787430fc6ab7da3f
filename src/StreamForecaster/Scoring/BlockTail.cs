using System.Runtime.CompilerServices;

namespace StreamForecaster.Scoring;

/// <summary>
/// The upper tail of one kind of evidence: the eight largest maxima over blocks of ten steps, slowly forgotten.
/// Maxima over blocks, so that one anomaly does not make itself common.
/// </summary>
partial struct BlockTail
{
    /// <summary>Steps in a block.</summary>
    internal const int BlockSteps = 10;

    /// <summary>Blocks remembered (forgetting by 1/300 a block), and the virtual past of <see cref="CountedRarity"/>.</summary>
    internal const float Memory = 300;

    /// <summary>The fixed-point unit of an entry's weight.</summary>
    internal const int Unit = 128;

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
