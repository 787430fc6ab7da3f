using StreamForecaster.Backtesting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Backtesting;

/// <summary>On every benchmark file the mixture's pinball loss of the median, one step ahead, is at most 1.02 × that of the best expert,
/// chosen afterwards, and a thousandth of the interquartile range.</summary>
public sealed class NeverWorseFileTests
{
    public static TheoryData<string, SeriesProfile> Cases => BenchFiles.Cases(static _ => true);

    [Theory]
    [MemberData(nameof(Cases))]
    public void Mixture_OnABenchmarkFile_IsHardlyWorseThanItsBestExpert(string name, SeriesProfile profile)
    {
        Assert.SkipWhen(BenchFiles.Folder is null, "../shared/bench is not here");
        var table = BenchFiles.Read(name);
        var from = BenchFiles.WarmUp(table);
        for (var i = 0; i < table.Columns.Length; i++)
        {
            var own = new SeriesTable([table.Names[i]], [table.Columns[i]], table.Times);
            var backtest = new ForecastBacktest(own, new() { TrainRows = from, OnlineFrom = from, Horizons = [1], Profile = profile, Model = null });
            var lines = backtest.Run();
            var mixture = lines.Single(line => line.Name is "mixture").Figures.Pinball;
            var best = lines.Where(line => line.Name is not "mixture").MinBy(line => line.Figures.Pinball)!;
            var sorted = own.Columns[0].Order().ToArray();
            var range = (sorted[sorted.Length * 3 / 4] - sorted[sorted.Length / 4]) / backtest.Units[0];
            Assert.True(mixture <= (1.02 * best.Figures.Pinball) + (0.001 * range), $"{own.Names[0]}: {mixture} against {best.Name} {best.Figures.Pinball}");
        }
    }
}
