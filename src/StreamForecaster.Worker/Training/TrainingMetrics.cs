using System.Diagnostics.Metrics;
using StreamForecaster.Learning;
using StreamForecaster.Worker.Telemetry;

namespace StreamForecaster.Worker.Training;

/// <summary>The trainer's figures.</summary>
sealed class TrainingMetrics : IDisposable
{
    readonly Meter _meter = new(PipelineMetrics.MeterName);
    readonly Counter<long> _trainings;
    readonly Counter<double> _cpuSeconds;
    readonly Gauge<double> _loss;
    readonly Gauge<long> _dropped;
    double _cpuCounted;

    public TrainingMetrics()
    {
        _trainings = _meter.CreateCounter<long>("streamforecaster.training_verdicts", description: "Challengers judged, by group and verdict.");
        _cpuSeconds = _meter.CreateCounter<double>("streamforecaster.training_cpu", "s", "CPU time of the trainer's thread.");
        _loss = _meter.CreateGauge<double>("streamforecaster.judged_loss", description: "Pinball loss at the last verdict, scaled units, by group, stratum and model.");
        _dropped = _meter.CreateGauge<long>("streamforecaster.training_dropped_samples", description: "Samples dropped because the trainer was behind, by group.");
    }

    public void Judged(TrainingOutcome outcome, long dropped)
    {
        Verdict verdict = outcome.Verdict;
        KeyValuePair<string, object?> group = new("group", outcome.Group);
        _trainings.Add(1, group, new("verdict", verdict.Passed ? "passed" : "kept"));
        _dropped.Record(dropped, group);
        Losses(group, "recent", verdict.Recent);
        if (verdict.Reservoir is { } reservoir)
        {
            Losses(group, "reservoir", reservoir);
        }
    }

    /// <summary>The thread's CPU time since it began.</summary>
    public void Cpu(TimeSpan total)
    {
        _cpuSeconds.Add(total.TotalSeconds - _cpuCounted);
        _cpuCounted = total.TotalSeconds;
    }

    public void Dispose() => _meter.Dispose();

    void Losses(KeyValuePair<string, object?> group, string stratum, in StratumLosses losses)
    {
        _loss.Record(losses.Challenger, group, new("stratum", stratum), new("model", "challenger"));
        _loss.Record(losses.Champion, group, new("stratum", stratum), new("model", "champion"));
        _loss.Record(losses.LastValue, group, new("stratum", stratum), new("model", "last_value"));
    }
}
