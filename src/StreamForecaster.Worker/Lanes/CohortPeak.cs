using StreamForecaster.Scoring;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>How many members a cohort had at a step, and those that weighed most.</summary>
readonly record struct CohortPeak(long Members, Contributors Most)
{
    /// <summary>Appends it for a checkpoint.</summary>
    public void Write(ByteBuffer to)
    {
        to.Number(Members);
        to.Number(Most.Count);
        for (int i = 0; i < Most.Count; i++)
        {
            to.Bytes(Most[i].Name.Span);
            to.Number(BitConverter.DoubleToInt64Bits(Most[i].Rarity));
            to.Number((long)Most[i].Strongest);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static CohortPeak Read(ref StateReader reader)
    {
        long members = reader.Number();
        Contributors most = default;
        for (long i = reader.Number(); i > 0; i--)
        {
            most.Add(new(reader.Bytes().ToArray(), BitConverter.Int64BitsToDouble(reader.Number()), (EvidenceKind)reader.Number()));
        }

        return new(members, most);
    }
}
