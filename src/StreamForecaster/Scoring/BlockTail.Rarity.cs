namespace StreamForecaster.Scoring;

/// <content>Rarities read from the tail.</content>
partial struct BlockTail
{
    const float HalfABlock = 0.3f; // of independent ones: slow evidence grows over blocks, and is not to hide itself
    const float StretchSteps = 0.3f; // the steps of a block are worth about three independent ones
    const float FewBlocks = 8; // with so few independent blocks, hardly anything is said beyond them

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
}
