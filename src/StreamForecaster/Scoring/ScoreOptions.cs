using System.ComponentModel.DataAnnotations;
using StreamForecaster.Grouping;

namespace StreamForecaster.Scoring;

/// <summary>Which deviations are of interest.</summary>
public enum AlarmDirection
{
    /// <summary>Values that are too high and values that are too low.</summary>
    Both,

    /// <summary>Only values that are too high.</summary>
    Up,

    /// <summary>Only values that are too low.</summary>
    Down,
}

/// <summary>Settings of the anomaly score and of events.</summary>
public sealed record ScoreOptions
{
    /// <summary>Memory and evidence a series gets.</summary>
    public SeriesProfile Profile { get; init; } = SeriesProfile.Full;

    /// <summary>Which deviations may raise an alarm.</summary>
    public AlarmDirection Direction { get; init; } = AlarmDirection.Both;

    /// <summary>Deviations from the forecast and from the usual level smaller than this, in the series' units, raise no alarm.</summary>
    [Range(0, double.MaxValue)]
    public double MinimumDeviation { get; init; }

    /// <summary>Expected false alarms per series and day of event time; two keep a hundred series calm.</summary>
    [Range(1e-4, 10_000)]
    public double FalseAlarmsPerDay { get; init; } = 2;

    /// <summary>Steps before the first score; a burst right after the first minute of 1 s steps must be seen.</summary>
    [Range(20, 10_000)]
    public int WarmUp { get; init; } = 60;

    /// <summary>An event opens when this many of the last <see cref="PersistenceOf"/> steps are anomalous.</summary>
    [Range(1, 64)]
    public int Persistence { get; init; } = 1;

    /// <summary>The steps looked at by <see cref="Persistence"/>.</summary>
    [Range(1, 64)]
    public int PersistenceOf { get; init; } = 1;

    /// <summary>Anomalous steps at most this many steps apart are one event: a burst's start and its end belong together.</summary>
    [Range(1, 100_000)]
    public int MergeGap { get; init; } = 20;

    /// <summary>Expected alarms a step.</summary>
    internal float AlarmsPerStep(int stepSeconds) => (float)Math.Min(0.1, FalseAlarmsPerDay * stepSeconds / 86_400.0);

    /// <summary><see cref="MergeGap"/>, or less where it would join the alarms that are expected: on steps of an hour, two a day.</summary>
    internal int MergeGapOf(int stepSeconds) => Math.Min(MergeGap, (int)(0.25f / AlarmsPerStep(stepSeconds)));
}
