using StreamForecaster.Backtesting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Backtesting;

/// <summary>What the 90 % band holds on the benchmark files, and how wide it is for that.</summary>
public sealed class CoverageFileTests
{
    const int LongRows = 4_000;
    const double FewExact = 0.05;

    /// <summary>From here on a series is mostly told exactly: the experts' own bands, which only the profile full has, are what keeps such a band narrow.</summary>
    const double MostlyExact = 0.5;

    public static TheoryData<string, SeriesProfile> Cases => BenchFiles.Cases(static name => BenchFiles.Read(name).Rows > LongRows);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Band_OnALongBenchmarkFile_HoldsNineOfTenAndIsNotWide(string name, SeriesProfile profile)
    {
        Assert.SkipWhen(BenchFiles.Folder is null, "../shared/bench is not here");
        var table = BenchFiles.Read(name);
        for (var i = 0; i < table.Columns.Length; i++)
        {
            var figures = BandBacktest.Run(table.Columns[i], table.Times, new() { Profile = profile }, BenchFiles.WarmUp(table));

            // A series of few values is often told exactly: its bands may hold more.
            var exact = figures.Exact >= FewExact;
            Assert.InRange(figures.Coverage, 0.89, exact && name is not "ETTh2.csv" ? 1 : 0.91);
            var bound = profile == SeriesProfile.Full || figures.Exact < MostlyExact;
            Assert.True(!bound || figures.IntervalScore <= 1.1 * figures.BestScore, $"{table.Names[i]}: {figures}");
        }
    }

    [Fact]
    public void Band_OnEtth2_HoldsNineOfTenAtEveryHorizon()
    {
        Assert.SkipWhen(BenchFiles.Folder is null, "../shared/bench is not here");
        var all = BenchFiles.Read("ETTh2.csv");
        var table = new SeriesTable(all.Names, [.. all.Columns.Select(column => column[..10_000])], all.Times[..10_000]);
        var backtest = new ForecastBacktest(table, new() { TrainRows = 2_880, OnlineFrom = 3_600, Horizons = [1, 24, 48], Model = null });
        foreach (var line in backtest.Run().Where(line => line.Name is "mixture"))
        {
            Assert.InRange(line.Figures.Coverage90!.Value, 0.89, 0.91);
        }
    }
}
