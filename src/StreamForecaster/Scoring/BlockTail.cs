using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <summary>
/// The upper tail of one kind of evidence: the eight largest maxima over blocks of ten steps, slowly forgotten.
/// Maxima over blocks, so that one anomaly does not make itself common.
/// </summary>
partial struct BlockTail
{
    /// <summary>Steps in a block.</summary>
    internal const int BlockSteps = 10;

    /// <summary>Blocks remembered (forgetting by 1/300 a block), and the virtual past of <see cref="Count"/>.</summary>
    internal const float Memory = 300;

    /// <summary>The fixed-point unit of an entry's weight.</summary>
    internal const int Unit = 16;

    const int Places = 8;
    const int WeightBits = 13;      // 512 blocks: more than are remembered
    const int LowBits = 8;
    const int HighBits = WeightBits - LowBits;
    const int LargestWeight = (1 << WeightBits) - 1;
    const float Smallest = 1e-15f;

    // An entry of 24 bits: the bin (11 bits) over the weight's upper five, and its lower eight. Descending by bin; 0 is an empty place.
    Heads _heads;
    LowWeights _lows;
    ushort _blockBin;

    /// <summary>The bin of a magnitude: eight an octave, 0 for next to nothing.</summary>
    internal static uint BinOf(float magnitude) =>
        magnitude >= Smallest ? BitConverter.SingleToUInt32Bits(magnitude) >> 20 : 0;

    /// <summary>Takes a step's evidence into the current block.</summary>
    internal void Observe(float magnitude) => _blockBin = (ushort)Math.Max(_blockBin, BinOf(magnitude));

    /// <summary>Ends the block: forgets a little, and stores the block's maximum with a weight in <see cref="Unit"/>s.</summary>
    internal void EndBlock(int weight, float dither)
    {
        Forget(dither);
        if (_blockBin != 0)
        {
            Insert(_blockBin, weight);
        }

        _blockBin = 0;
    }

    readonly Vector128<ushort> Bins => Vector128.LoadUnsafe(ref Unsafe.AsRef(in _heads[0])) >>> HighBits;

    readonly Vector128<ushort> Weights
    {
        get
        {
            var high = Vector128.LoadUnsafe(ref Unsafe.AsRef(in _heads[0])) & Vector128.Create((ushort)((1 << HighBits) - 1));
            var low = Vector128.CreateScalar(MemoryMarshal.Read<ulong>(_lows)).AsByte();
            return (high << LowBits) | Vector128.WidenLower(low);
        }
    }

    readonly int Bin(int place) => _heads[place] >> HighBits;

    readonly int Weight(int place) => ((_heads[place] & ((1 << HighBits) - 1)) << LowBits) | _lows[place];

    void Put(int place, int bin, int weight)
    {
        _heads[place] = (ushort)((bin << HighBits) | (weight >> LowBits));
        _lows[place] = (byte)weight;
    }

    void Forget(float dither)
    {
        // The dither makes the rounding of small weights right on average, and the same in every run.
        var weights = Weights;
        var (first, second) = Vector128.Widen(weights);
        var left = weights - Vector128.Narrow(Lost(first, dither), Lost(second, dither + (4 * 0.381966f)));
        if (Vector128.EqualsAny(left, Vector128<ushort>.Zero))
        {
            Close(left);
            return;
        }

        var bins = Bins;
        ((bins << HighBits) | (left >>> LowBits)).StoreUnsafe(ref _heads[0]);
        var lows = Vector128.Narrow(left & Vector128.Create((ushort)0xFF), Vector128<ushort>.Zero);
        MemoryMarshal.Write(_lows, lows.AsUInt64().ToScalar());
    }

    static Vector128<uint> Lost(Vector128<uint> weights, float dither)
    {
        var dithers = Vector128.Create(dither) + Vector128.Create(0, 0.381966f, 2 * 0.381966f, 3 * 0.381966f);
        dithers -= Vector128.Floor(dithers);
        return Vector128.ConvertToInt32((Vector128.ConvertToSingle(weights.AsInt32()) * (1 / Memory)) + dithers).AsUInt32();
    }

    // The entries that are left, without the empty places between them.
    void Close(Vector128<ushort> weights)
    {
        var used = 0;
        for (var i = 0; i < Places; i++)
        {
            if (weights[i] != 0)
            {
                Put(used++, Bin(i), weights[i]);
            }
        }

        for (; used < Places; used++)
        {
            Put(used, 0, 0);
        }
    }

    // A larger one pushes the smallest out.
    void Insert(int bin, int weight)
    {
        var place = BitOperations.PopCount(Vector128.GreaterThan(Bins, Vector128.Create((ushort)bin)).ExtractMostSignificantBits());
        if (place == Places)
        {
            return;
        }

        if (Bin(place) == bin)
        {
            Put(place, bin, Math.Min(Weight(place) + weight, LargestWeight));
            return;
        }

        for (var i = Places - 1; i > place; i--)
        {
            Put(i, Bin(i - 1), Weight(i - 1));
        }

        Put(place, bin, weight);
    }

    [InlineArray(Places)]
    struct Heads
    {
        ushort _first;
    }

    [InlineArray(Places)]
    struct LowWeights
    {
        byte _first;
    }
}
