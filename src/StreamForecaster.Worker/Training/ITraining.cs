using StreamForecaster.Learning;
using StreamForecaster.Models;

namespace StreamForecaster.Worker.Training;

/// <summary>Where lanes bring their samples: the background trainer, or the synchronous one of backtests and tests.</summary>
public interface ITraining
{
    /// <summary>Called when lanes should make a version active, on the trainer's thread: a lane writes it to its journal first. Set it
    /// before the first lane joins.</summary>
    Action<Champion>? ChampionReady { get; set; }

    /// <summary>A lane has series of a group. Lanes of one group share its learner; the first one's spec and options count.</summary>
    /// <param name="lane">Number of the lane, from 0, for as long as the process runs.</param>
    /// <param name="group">The series group's name.</param>
    /// <param name="spec">Its model's shapes.</param>
    /// <param name="options">Its settings.</param>
    IGroupTraining Join(int lane, string group, ModelSpec spec, LearnOptions options);

    /// <summary>Every group's learning, by name. Safe from any thread.</summary>
    IReadOnlyList<LearningStatus> Statuses { get; }

    /// <summary>The share of one core that training has used over the last minutes, by CPU time; null where it has no thread of its own. Safe from
    /// any thread.</summary>
    double? CpuShare { get; }
}

/// <summary>A lane's way to the learner of one group. Called on the lane's thread; never waits.</summary>
public interface IGroupTraining
{
    /// <summary>True where the sample that a series has at this step should be offered; asked before its floats are written out.</summary>
    bool Wants(ulong series, long knownNs, int seriesInGroup);

    /// <summary>Takes a copy of a sample; see <see cref="SampleBuffer.Offer"/>.</summary>
    void Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets);

    /// <summary>The lane closed the group's step that ends at <paramref name="nowNs"/>.</summary>
    void Advance(long nowNs, long stepNs);
}

/// <summary>A version that lanes should make active.</summary>
/// <param name="Group">The series group.</param>
/// <param name="Version">Its version.</param>
/// <param name="Model">The model, which nobody changes any more.</param>
/// <param name="ActiveFromNs">Synchronous training: it answers from the first step that ends after this; 0 means at once.</param>
/// <param name="Reason">Why, in words.</param>
public sealed record Champion(string Group, long Version, Forecaster Model, long ActiveFromNs, string Reason);
