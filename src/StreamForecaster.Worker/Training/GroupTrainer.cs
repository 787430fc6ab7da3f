using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Training;

/// <summary>A group's learner with the inbox that feeds it, on the trainer's thread.</summary>
sealed class GroupTrainer(GroupLearner learner, LearnOptions options, SampleInbox inbox)
{
    readonly List<(long FromNs, long ToNs)> _forgotten = [];
    readonly float[] _floats = new float[learner.Samples.Shape.Floats];
    SampleInfo _held;
    bool _isHeld;
    long _restoredNs = long.MinValue;
    long _savedNs = long.MinValue;

    public GroupLearner Learner => learner;

    public SampleInbox Inbox => inbox;

    /// <summary>True where the learner has come further than what was last saved of it.</summary>
    public bool IsUnsaved => learner.NowNs > _savedNs && learner.NowNs > 0;

    /// <summary>When it was last saved, by the trainer's clock.</summary>
    public TimeSpan SavedAt { get; set; }

    /// <summary>Saves what the learner remembers.</summary>
    /// <exception cref="IOException">The disk refused.</exception>
    public void Save(LearnerStore store)
    {
        store.Save(learner, options);
        _savedNs = learner.NowNs;
    }

    /// <summary>Takes up what was saved; false where there is nothing.</summary>
    /// <exception cref="InvalidDataException">It cannot be used; the learner is as it was.</exception>
    public bool TryRestore(LearnerStore store, Func<long, Forecaster?> models)
    {
        if (!store.TryLoad(learner, options, models))
        {
            return false;
        }

        _restoredNs = _savedNs = learner.NowNs;
        Status = learner.Status;
        return true;
    }

    /// <summary>The last change of the store's manifest that was taken over.</summary>
    public long StoreSequence { get; set; }

    /// <summary>The learner as it was after the last turn; safe to read from any thread.</summary>
    public LearningStatus Status { get; private set; } = learner.Status;

    /// <summary>Forgets a period: what was learned from goes, and what comes of it from now on is passed by.</summary>
    /// <returns>How many of the newest samples went.</returns>
    public int Forget(long fromNs, long toNs)
    {
        int before = learner.Samples.RecentCount;
        _forgotten.Add((fromNs, toNs));
        learner.Forget(fromNs, toNs);
        return before - learner.Samples.RecentCount;
    }

    /// <summary>A slice of training.</summary>
    public TrainingOutcome? Work()
    {
        TrainingOutcome? outcome = learner.Work();
        if (outcome is not null)
        {
            Status = learner.Status;
        }

        return outcome;
    }

    /// <summary>Feeds the learner until the inbox is empty or a training is due. Time moves with the samples, so that a lane that
    /// catches up fast is learned from as if it were live.</summary>
    public void Drain()
    {
        (long nowNs, long stepNs) = inbox.Time();
        if (stepNs == 0)
        {
            return;
        }

        while (!learner.IsTraining)
        {
            if (!_isHeld)
            {
                _isHeld = inbox.TryTake(out _held, _floats);
            }

            if (!_isHeld)
            {
                if (nowNs > learner.NowNs)
                {
                    learner.Advance(nowNs, stepNs);
                    Status = learner.Status;
                }

                return;
            }

            // What a lane that rebuilds its state offers again is in the buffer.
            if (_held.KnownNs <= _restoredNs)
            {
                _isHeld = false;
                continue;
            }

            // The samples of one step come together: the first of a later step says that the steps before it are complete. If
            // that starts a training, this sample waits for its end.
            long beforeNs = _held.KnownNs - stepNs;
            if (beforeNs > learner.NowNs)
            {
                learner.Advance(beforeNs, stepNs);
                continue;
            }

            Give(stepNs);
        }
    }

    // The learner copies it.
    void Give(long stepNs)
    {
        _isHeld = false;
        if (_forgotten.Exists(period => learner.Samples.Touches(_held, period.FromNs, period.ToNs, stepNs)))
        {
            return;
        }

        SampleShape shape = learner.Samples.Shape;
        ReadOnlySpan<float> floats = _floats;
        int known = shape.InputFloats;
        learner.Offer(_held, floats[..known], floats.Slice(known, shape.KnownFloats), floats[(known + shape.KnownFloats)..]);
    }
}
