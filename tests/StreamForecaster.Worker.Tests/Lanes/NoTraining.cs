using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>Takes no samples.</summary>
sealed class NoTraining : ITraining, IGroupTraining
{
    public Action<Champion>? ChampionReady { get; set; }

    public IReadOnlyList<LearningStatus> Statuses => [];

    public double? CpuShare => null;

    public IGroupTraining Join(int lane, string group, ModelSpec spec, LearnOptions options) => this;

    public bool Wants(ulong series, long knownNs, int seriesInGroup) => false;

    public void Offer(
        in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
    {
    }

    public void Advance(long nowNs, long stepNs)
    {
    }
}
