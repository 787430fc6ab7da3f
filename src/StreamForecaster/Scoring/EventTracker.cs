using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamForecaster.Forecasting;

namespace StreamForecaster.Scoring;

/// <summary>
/// Joins anomalous steps into events: an event opens when k of the last n steps are anomalous, and closes when none
/// has been for longer than the merge gap. Holds no data of a series: that is in the span given to every call.
/// </summary>
public sealed class EventTracker
{
    readonly ScoreOptions _options;
    readonly ulong _window;

    /// <summary>A tracker with the events' part of these settings.</summary>
    public EventTracker(ScoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Persistence > options.PersistenceOf)
        {
            throw new ArgumentException(
                $"persistence {options.Persistence} is larger than persistenceOf {options.PersistenceOf}", nameof(options));
        }

        _options = options;
        _window = options.PersistenceOf == 64 ? ulong.MaxValue : (1UL << options.PersistenceOf) - 1;
    }

    /// <summary>Bytes a series needs.</summary>
    public int StateBytes { get; } = Unsafe.SizeOf<EventState>();

    /// <summary>Prepares a series' zeroed state.</summary>
    public void Initialize(Span<byte> state) => state[..StateBytes].Clear();

    /// <summary>The open event, if there is one.</summary>
    public static bool TryGetOpen(ReadOnlySpan<byte> state, out AnomalyEvent current)
    {
        ref readonly var s = ref MemoryMarshal.AsRef<EventState>(state);
        current = s.Open != 0 ? s.ToEvent() : default;
        return s.Open != 0;
    }

    /// <summary>Whether a step that has been taken in is the rarest of the event that is open, or may yet open.</summary>
    public static bool IsPeak(ReadOnlySpan<byte> state, in StepTime time) => MemoryMarshal.AsRef<EventState>(state).IsPeak(time.UnixNs);

    /// <summary>Takes the verdict on a closed step in. Steps that were skipped count as quiet ones.</summary>
    /// <param name="state">The series' state.</param>
    /// <param name="score">The verdict.</param>
    /// <param name="time">The step's time.</param>
    /// <param name="explanation">What is to be told of an anomalous step, should it be its event's peak.</param>
    public EventChange Observe(Span<byte> state, in StepScore score, in StepTime time, in StepExplanation explanation = default)
    {
        ref var s = ref MemoryMarshal.AsRef<EventState>(state);
        var passed = Math.Clamp(time.Index - s.LastIndex, 1, 64);
        s.LastIndex = time.Index;
        s.Marks = (passed == 64 ? 0 : s.Marks << (int)passed) | (score.IsAnomaly ? 1UL : 0);
        if (s.Open == 0)
        {
            return score.IsAnomaly ? Begin(ref s, score, time, explanation, closed: null) : default;
        }

        if (time.Index - s.LastMarkIndex > _options.MergeGapOf(time.StepSeconds))
        {
            var closed = s.ToEvent();
            s.Open = 0;
            s.Marks &= 1;
            return score.IsAnomaly
                ? Begin(ref s, score, time, explanation, closed)
                : new EventChange(EventChangeKind.Closed, closed, closed);
        }

        if (!score.IsAnomaly)
        {
            return default;
        }

        s.Add(score, time, explanation);
        return new EventChange(EventChangeKind.Updated, s.ToEvent(), null);
    }

    /// <summary>A mark while nothing is open: the first of a candidate, or the one that makes it an event.</summary>
    EventChange Begin(ref EventState s, in StepScore score, in StepTime time, in StepExplanation explanation, AnomalyEvent? closed)
    {
        if ((s.Marks & _window) == 1)
        {
            s.Start(time);
        }

        s.Add(score, time, explanation);
        if (BitOperations.PopCount(s.Marks & _window) >= _options.Persistence)
        {
            s.Open = 1;
            return new EventChange(EventChangeKind.Opened, s.ToEvent(), closed);
        }

        return closed is { } ended ? new EventChange(EventChangeKind.Closed, ended, ended) : default;
    }
}
