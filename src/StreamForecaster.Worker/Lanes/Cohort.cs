using StreamForecaster.Decoding;
using StreamForecaster.Publishing;
using StreamForecaster.Scoring;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>
/// Series that are scored together: those of a host with the same step. Members add their rarity as they close a step; the first that closes
/// a later one ends it. Until two members have met it is a few numbers, as many hosts have one series in a lane.
/// </summary>
/// <param name="hash">The hash of its own series' key.</param>
/// <param name="stepNs">Its members' step.</param>
sealed class Cohort(ulong hash, long stepNs)
{
    const double UsualRate = 0.1;

    Contributors _most;
    double _usual;
    SeriesLabels? _labels;

    /// <summary>The hash of its own series' key.</summary>
    public ulong Hash { get; } = hash;

    /// <summary>The canonical key of its own series; empty until two members have met.</summary>
    public byte[] Key { get; set; } = [];

    /// <summary>Its members' step.</summary>
    public long StepNs { get; } = stepNs;

    /// <summary>What is written of it, once two members have met.</summary>
    public SeriesLabels Labels => _labels ??= new(SeriesIdentity.Parse(Key));

    /// <summary>The step that members are closing; <see cref="long.MinValue"/> before the first.</summary>
    public long OpenIndex { get; private set; } = long.MinValue;

    /// <summary>What the members have added to it.</summary>
    public CohortSum Open { get; private set; }

    /// <summary>The scorer's state and the event tracker's; empty until two members have met.</summary>
    public byte[] State { get; set; } = [];

    /// <summary>The members that weighed most at the peak of the event that is open, or may yet open.</summary>
    public CohortPeak Peak { get; set; }

    /// <summary>Its last steps, for the page.</summary>
    public CohortHistory? History { get; set; }

    /// <summary>True once another has taken its place.</summary>
    public bool IsEvicted { get; set; }

    /// <summary>The open step's members that weighed most.</summary>
    public CohortPeak Most => new(Open.Count, _most);

    /// <summary>Takes a member's step in: of the open step.</summary>
    public void Add(SeriesLabels member, in StepScore score)
    {
        CohortSum open = Open;
        open.Add(score.Rarity);
        Open = open;
        _most.Add(new(member.Name, score.Rarity, score.Strongest));
    }

    /// <summary>Ends the open step and begins another.</summary>
    public void Begin(long index)
    {
        _usual += UsualRate * (Open.Count - _usual);
        (OpenIndex, Open, _most) = (index, default, default);
    }

    /// <summary>Whether enough members have closed the open step to speak for the cohort: two, and half of the usual number.</summary>
    public bool IsQuorate => Open.Count >= 2 && 2 * Open.Count >= _usual;

    /// <summary>Appends it for a checkpoint.</summary>
    public void Write(ByteBuffer to)
    {
        to.Number((long)Hash);
        to.Number(StepNs);
        to.Bytes(Key);
        to.Number(OpenIndex);
        to.Number(Open.Count);
        to.Number(BitConverter.DoubleToInt64Bits(Open.Decades));
        to.Number(BitConverter.DoubleToInt64Bits(_usual));
        Most.Write(to);
        Peak.Write(to);
        to.Bytes(State);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static Cohort Read(ref StateReader reader)
    {
        Cohort cohort = new((ulong)reader.Number(), reader.Number())
        {
            Key = reader.Bytes().ToArray(),
            OpenIndex = reader.Number(),
            Open = new() { Count = reader.Number(), Decades = BitConverter.Int64BitsToDouble(reader.Number()) },
            _usual = BitConverter.Int64BitsToDouble(reader.Number()),
            _most = CohortPeak.Read(ref reader).Most,
            Peak = CohortPeak.Read(ref reader),
            State = reader.Bytes().ToArray(),
        };
        cohort.History = cohort.State.Length > 0 ? new() : null;
        return cohort;
    }
}
