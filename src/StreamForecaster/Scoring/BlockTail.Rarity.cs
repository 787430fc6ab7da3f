using System.Runtime.Intrinsics;

namespace StreamForecaster.Scoring;

/// <content>Rarities read from the tail.</content>
partial struct BlockTail
{
    const float HalfABlock = 0.3f; // of independent ones: slow evidence grows over blocks, and is not to hide itself
    const float StretchSteps = 0.3f; // the steps of a block are worth about three independent ones
    const float FewBlocks = 8; // with so few independent blocks, hardly anything is said beyond them

    /// <summary>
    /// The blocks at least as large, and half a one; a magnitude of next to nothing has more of them than there are. Over
    /// <see cref="Seen"/>, that is the counted probability of a block.
    /// </summary>
    internal readonly float Count(float magnitude, float blocks)
    {
        var bin = (ushort)BinOf(magnitude);
        if (bin == 0)
        {
            return float.MaxValue;
        }

        var atLeast = Vector128.GreaterThanOrEqual(Bins, Vector128.Create(bin));
        var listed = Vector128.Sum(Weights & atLeast) * (1f / Unit);

        // Below the list, half of what is not listed counts as larger; an open list has everything in it.
        return 0.5f + listed + (Bin(Places - 1) >= bin ? 0.5f * Math.Max(0, blocks - listed) : 0);
    }

    /// <summary>The blocks that <see cref="Count"/> is a share of: those seen, with a virtual past of 300 without anything remarkable.</summary>
    internal static float Seen(float blocks) => Math.Max(blocks + 1, Memory);

    /// <summary>
    /// Calibrated rarity in decades a step, from the blocks really seen. Beyond the largest maximum that has a
    /// block's full weight, the tail goes on as a stretched exponential ln p ∝ uᵏ with k from the listed maxima, shrunk
    /// towards 1 (compare Gardes and Girard 2008 on Weibull tails). Of the blocks only a share counts as independent.
    /// </summary>
    internal readonly float CalibratedRarity(float magnitude, float blocks, float share)
    {
        var bin = (int)BinOf(magnitude);
        if (bin == 0 || _heads[0] == 0 || bin < Bin(Places - 1))
        {
            return 0;
        }

        var (above, reference, referenceWeight, last, lastWeight) = (0f, 0, 0f, 0, 0f);
        for (var i = 0; i < Places && _heads[i] != 0; i++)
        {
            var weight = share * Weight(i) / Unit;
            last = Bin(i);
            above += last > bin ? weight : last == bin ? 0.5f * weight : 0;
            lastWeight += weight;
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

    static float ValueOf(int bin) => BitConverter.Int32BitsToSingle((bin << 20) | (1 << 19));

    static float Rarity(float count, float blocks) => MathF.Max(0, Decades.Log10(BlockSteps * blocks / count));
}
