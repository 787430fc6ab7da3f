using System.Globalization;
using System.Text;
using StreamForecaster.Decoding;
using StreamForecaster.Forecasting;
using StreamForecaster.Scoring;
using StreamForecaster.State;

namespace StreamForecaster.Worker.Lanes;

/// <summary>The cohorts of a lane. What happens to them is a function of the order in which series close their steps.</summary>
/// <param name="options">Which series.</param>
/// <param name="score">How they are scored.</param>
/// <param name="partition">The lane's partition, which is part of their names.</param>
sealed class CohortTable(CohortOptions options, ScoreOptions score, string partition)
{
    // One that has been silent for so many of its steps gives way to a new one.
    const int SilentSteps = 300;

    readonly Dictionary<ulong, Cohort> _cohorts = [];
    readonly CohortScorer _scorer = new(score);
    readonly EventTracker _events = new(score);

    /// <summary>True where no series are scored together.</summary>
    public bool IsOff => options.By.Count == 0;

    /// <summary>How many there are.</summary>
    public int Count => _cohorts.Count;

    /// <summary>All of them, in a fixed order.</summary>
    public IEnumerable<Cohort> All => _cohorts.Values.OrderBy(static cohort => cohort.Hash);

    /// <summary>The key of the cohort that a series belongs to; null where it has none of the tags.</summary>
    public byte[]? KeyOf(ReadOnlySpan<byte> series, long stepNs)
    {
        SeriesIdentity identity = SeriesIdentity.Parse(series);
        List<KeyValuePair<string, string>> tags = [.. identity.Tags.Where(tag => options.By.Contains(tag.Key, StringComparer.Ordinal))];
        if (tags.Count == 0)
        {
            return null;
        }

        tags.Add(new(CohortOptions.PartitionTag, partition));
        tags.Add(new(CohortOptions.StepTag, $"{stepNs / 1_000_000_000}s"));
        return SeriesIdentity.Key("cohort", tags, "rarity");
    }

    /// <summary>The cohort of a key, made if need be; null where there is no room.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="stepNs">Its step.</param>
    /// <param name="index">The step that is closing.</param>
    public Cohort? Of(ReadOnlySpan<byte> key, long stepNs, long index)
    {
        ulong hash = KeyHash.Of(key);
        if (!_cohorts.TryGetValue(hash, out Cohort? cohort) && (_cohorts.Count < options.Limit || TryEvict(index * stepNs)))
        {
            _cohorts.Add(hash, cohort = new(hash, stepNs));
            cohort.Begin(index);
        }

        return cohort;
    }

    /// <summary>Scores a cohort's open step. False where too few members have closed it, so that it says nothing.</summary>
    /// <param name="cohort">The cohort.</param>
    /// <param name="member">The key of a member.</param>
    /// <param name="closing">The place in the micro-batch of what ended the step.</param>
    /// <param name="step">The verdict.</param>
    public bool TryScore(Cohort cohort, ReadOnlySpan<byte> member, int closing, out CohortStep step)
    {
        step = default;
        if (!cohort.IsQuorate)
        {
            return false;
        }

        if (cohort.State.Length == 0)
        {
            cohort.Key = KeyOf(member, cohort.StepNs)!;
            cohort.State = new byte[_scorer.StateBytes + _events.StateBytes];
            cohort.History = new();
        }

        Span<byte> events = cohort.State.AsSpan(_scorer.StateBytes);
        int stepSeconds = (int)(cohort.StepNs / 1_000_000_000);
        StepTime time = new(cohort.OpenIndex * cohort.StepNs, SecondOfDay: 0, DayOfWeek: 0, cohort.OpenIndex, stepSeconds);
        StepScore verdict = _scorer.Score(cohort.State, cohort.Open, stepSeconds, muted: false);
        EventChange change = _events.Observe(events, verdict, time);
        CohortPeak before = cohort.Peak;
        if (verdict.IsAnomaly && EventTracker.IsPeak(events, time))
        {
            cohort.Peak = cohort.Most;
        }

        step = new(closing, cohort, time, cohort.Open.Count, cohort.Open.Mean, verdict, change, cohort.Peak, before);
        cohort.History!.Add(step);
        return true;
    }

    /// <summary>Writes all of them for a checkpoint.</summary>
    public byte[] Write()
    {
        ByteBuffer to = new();
        to.Number((long)SettingsHash);
        to.Number(Count);
        foreach (Cohort cohort in All)
        {
            cohort.Write(to);
        }

        return to.Written.ToArray();
    }

    /// <summary>Takes up what <see cref="Write"/> wrote; false where the settings that it depends on have changed.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public bool TryRead(ReadOnlySpan<byte> stored)
    {
        StateReader reader = new(stored);
        if (stored.IsEmpty || (ulong)reader.Number() != SettingsHash)
        {
            return stored.IsEmpty;
        }

        for (long i = reader.Number(); i > 0; i--)
        {
            Cohort cohort = Cohort.Read(ref reader);
            _cohorts[cohort.Hash] = cohort;
        }

        return true;
    }

    /// <summary>Reads what <see cref="Write"/> wrote, under whatever settings, and keeps nothing.</summary>
    /// <exception cref="InvalidDataException">It is damaged.</exception>
    public static void Check(ReadOnlySpan<byte> stored)
    {
        if (stored.IsEmpty)
        {
            return;
        }

        StateReader reader = new(stored);
        reader.Number();
        for (long i = reader.Number(); i > 0; i--)
        {
            Cohort.Read(ref reader);
        }
    }

    ulong SettingsHash => KeyHash.Of(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{_scorer.StateBytes} {_events.StateBytes} {score.FalseAlarmsPerDay} {score.WarmUp} {score.Persistence} {score.PersistenceOf} {score.MergeGap} {string.Join(',', options.By)}")));

    bool TryEvict(long nowNs)
    {
        Cohort oldest = _cohorts.Values.MinBy(static cohort => (cohort.OpenIndex * cohort.StepNs, cohort.Hash))!;
        if ((oldest.OpenIndex + SilentSteps) * oldest.StepNs > nowNs)
        {
            return false;
        }

        oldest.IsEvicted = true;
        return _cohorts.Remove(oldest.Hash);
    }
}
