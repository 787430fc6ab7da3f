using System.ComponentModel.DataAnnotations;

namespace StreamForecaster.Grouping;

/// <summary>Which series there may be, and which of them share settings and a model.</summary>
public sealed record SeriesOptions
{
    /// <summary>Series with a state, a lane. Beyond it new ones are refused and counted.</summary>
    [Range(1, 10_000_000)]
    public int Limit { get; init; } = 100_000;

    /// <summary>New series that wait for their second step, a lane. The oldest gives way when a flood of names comes.</summary>
    [Range(16, 10_000_000)]
    public int Probation { get; init; } = 20_000;

    /// <summary>Series groups a lane; series of further ones share the group <c>other</c>.</summary>
    [Range(1, 10_000)]
    public int GroupLimit { get; init; } = 256;

    /// <summary>The tags that must be seen together: their values choose the partition. Without any of them, the whole series does.</summary>
    public IReadOnlyList<string> PlacementKey { get; init; } = ["host"];

    /// <summary>How the topics' records are placed. With <c>keyed</c> a point outside the partition of its placement key is a dead letter <c>not-keyed</c>.</summary>
    public SeriesPlacement Placement { get; init; }

    /// <summary>Closed steps until a series is <c>ready</c>; before it is <c>warming n/m</c>.</summary>
    [Range(2, 10_000)]
    public int Warmup { get; init; } = 30;

    /// <summary>The rules, first match first. A series that none matches is in the group of its measurement's name.</summary>
    public IReadOnlyList<SeriesGroupOptions> Groups { get; init; } =
    [
        // Percentages of a core's time: a tick of the kernel's clock more or less is no news.
        new() { Name = "cpu", Match = ["cpu.usage_*"], RangeLow = 0, RangeHigh = 100, MinimumDeviation = 3 },
        // Telegraf's counters: what matters of them is how fast they grow.
        new() { Name = "diskio", Match = ["diskio.read*", "diskio.write*", "diskio.io_time"], Aggregate = Alignment.Aggregate.Rate },
        new() { Name = "net", Match = ["net.bytes_*", "net.packets_*", "net.err_*", "net.drop_*"], Aggregate = Alignment.Aggregate.Rate },
    ];
}

/// <summary>One series group's rule. What is not set is as the stages' own sections say.</summary>
public sealed record SeriesGroupOptions
{
    /// <summary>The group's name: model versions, the journal and the page know it by this.</summary>
    [Required]
    [StringLength(100, MinimumLength = 1)]
    public string Name { get; init; } = "";

    /// <summary>Patterns with <c>*</c> and <c>?</c> over <c>name.field</c>, or over <c>name.field{tag=value,…}</c> where they have a brace.</summary>
    public IReadOnlyList<string> Match { get; init; } = [];

    /// <summary>The step; see <see cref="Alignment.AlignmentOptions.Step"/>.</summary>
    public TimeSpan? Step { get; init; }

    /// <summary>How points become a step's value.</summary>
    public Alignment.Aggregate? Aggregate { get; init; }

    /// <summary>The smallest value there can be: forecasts and bands are clipped to it.</summary>
    public double? RangeLow { get; init; }

    /// <summary>The largest value there can be.</summary>
    public double? RangeHigh { get; init; }

    /// <summary>Which deviations raise an alarm.</summary>
    public Scoring.AlarmDirection? Direction { get; init; }

    /// <summary>Deviations smaller than this, in the series' units, raise no alarm.</summary>
    [Range(0, double.MaxValue)]
    public double? MinimumDeviation { get; init; }

    /// <summary>The IANA time zone of hours and week days.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The season in steps; 0 has it found online.</summary>
    [Range(0, 100_000)]
    public int? Season { get; init; }

    /// <summary>How much memory and time a series' forecasts and scores may take: in place of <c>forecast.profile</c> and <c>score.profile</c>.</summary>
    public SeriesProfile? Profile { get; init; }

    /// <summary>What its model has of its own; the rest is as <c>learn.model</c> says.</summary>
    public Learning.GroupModelOptions? Model { get; init; }
}
