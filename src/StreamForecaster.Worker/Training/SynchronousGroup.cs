using StreamForecaster.Learning;

namespace StreamForecaster.Worker.Training;

/// <summary>A group's learner in synchronous training, and the samples that wait until all lanes have come as far.</summary>
sealed class SynchronousGroup(GroupLearner learner, LearnOptions options)
{
    readonly List<Waiting> _waiting = [];
    readonly Stack<float[]> _pool = new();

    /// <summary>Length of the group's step.</summary>
    public long StepNs { get; set; }

    /// <summary>Event time between a training and its champion's activation.</summary>
    public long DelayNs => options.ActivationDelaySteps * StepNs;

    public LearningStatus Status => learner.Status;

    public void Add(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
    {
        float[] floats = _pool.TryPop(out float[]? pooled) ? pooled : new float[learner.Samples.Shape.Floats];
        inputs.CopyTo(floats);
        known.CopyTo(floats.AsSpan(inputs.Length));
        targets.CopyTo(floats.AsSpan(inputs.Length + known.Length));
        _waiting.Add(new(info, floats));
    }

    /// <summary>Learns from all samples known by a time and returns the champions that came of it.</summary>
    public IReadOnlyList<Champion> Learn(long upToNs)
    {
        List<Waiting> ready = _waiting.FindAll(sample => sample.Info.KnownNs <= upToNs);
        if (ready.Count == 0)
        {
            return [];
        }

        _waiting.RemoveAll(sample => sample.Info.KnownNs <= upToNs);
        List<Champion> champions = [];
        foreach (IGrouping<long, Waiting> step in ready.GroupBy(sample => sample.Info.KnownNs).OrderBy(step => step.Key))
        {
            foreach (Waiting sample in Thinned(step))
            {
                Give(sample);
            }

            learner.Advance(step.Key, StepNs);
            Train(champions);
        }

        ready.ForEach(sample => _pool.Push(sample.Floats));
        return champions;
    }

    // The samples with the smallest hashes: the same ones, however the series are spread over lanes.
    IEnumerable<Waiting> Thinned(IEnumerable<Waiting> step) => step
        .OrderBy(sample => SampleHash.Mix(sample.Info.Series, (ulong)sample.Info.KnownNs))
        .Take(options.SamplesPerStep)
        .OrderBy(sample => sample.Info.Series);

    void Give(in Waiting sample)
    {
        SampleShape shape = learner.Samples.Shape;
        ReadOnlySpan<float> floats = sample.Floats;
        int known = shape.InputFloats;
        learner.Offer(sample.Info, floats[..known], floats.Slice(known, shape.KnownFloats), floats[(known + shape.KnownFloats)..]);
    }

    void Train(List<Champion> champions)
    {
        while (learner.IsTraining)
        {
            if (learner.Work() is { Verdict.Passed: true } won)
            {
                champions.Add(new(won.Group, won.Version, won.Challenger, won.AtNs + DelayNs, won.Verdict.Reason));
            }
        }
    }

    readonly record struct Waiting(SampleInfo Info, float[] Floats);
}
