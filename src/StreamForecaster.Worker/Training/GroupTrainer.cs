using StreamForecaster.Learning;

namespace StreamForecaster.Worker.Training;

/// <summary>A group's learner with the inbox that feeds it, on the trainer's thread.</summary>
sealed class GroupTrainer(GroupLearner learner, SampleInbox inbox)
{
    readonly float[] _floats = new float[learner.Samples.Shape.Floats];
    SampleInfo _held;
    bool _isHeld;

    public GroupLearner Learner => learner;

    public SampleInbox Inbox => inbox;

    /// <summary>The last change of the store's manifest that was taken over.</summary>
    public long StoreSequence { get; set; }

    /// <summary>The learner as it was after the last turn; safe to read from any thread.</summary>
    public LearningStatus Status { get; private set; } = learner.Status;

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

            // The samples of one step come together: the first of a later step says that the steps before it are complete. If
            // that starts a training, this sample waits for its end.
            long beforeNs = _held.KnownNs - stepNs;
            if (beforeNs > learner.NowNs)
            {
                learner.Advance(beforeNs, stepNs);
                continue;
            }

            Give();
        }
    }

    // The learner copies it.
    void Give()
    {
        SampleShape shape = learner.Samples.Shape;
        ReadOnlySpan<float> floats = _floats;
        int known = shape.InputFloats;
        learner.Offer(_held, floats[..known], floats.Slice(known, shape.KnownFloats), floats[(known + shape.KnownFloats)..]);
        _isHeld = false;
    }
}
