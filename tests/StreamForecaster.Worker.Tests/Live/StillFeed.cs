using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Tests.Live;

/// <summary>A feed with a few series that never change.</summary>
sealed class StillFeed(params string[] series) : ILiveFeed
{
    public int Asked { get; private set; }

    public Task<IReadOnlyList<SeriesSummary>> ListAsync(string? filter, int limit, CancellationToken stop)
    {
        Asked++;
        IReadOnlyList<SeriesSummary> rows =
        [
            .. series.Where(name => filter is null || name.Contains(filter, StringComparison.Ordinal)).Take(limit)
                .Select(name => new SeriesSummary(name, "cpu", "ready", 0.25, false, 1.5, double.NaN, "gru", [1, null, 2])),
        ];
        return Task.FromResult(rows);
    }

    public Task<SeriesDetail?> ShowAsync(string series1, CancellationToken stop) => Task.FromResult(
        Array.IndexOf(series, series1) < 0 ? null
            : new SeriesDetail(series1, "cpu", "ready", 10, [0, 10], [1, null], [0, 0.5], [false, true], [new(1, 20, 2, 1, 3)], "gru", "gru", [0.25, 0.75]));

    public PipelineHealth Health() => new(
        10, 20, 2.5, series.Length, 1, 3, 40, 2, 1, 0,
        [new("metrics-0", "running", 10, 3, 1000)], [new("influx:m", true, null, 99)],
        [new("cpu", 2, "gru", 4, 5, 0.5, "accepted", 0.6, 0.5, [0.9, 0.5])]);
}
