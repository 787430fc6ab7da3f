using System.Globalization;
using StreamForecaster.Learning;
using StreamForecaster.Worker.Commands.Backtests;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Ingestion.Replay;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>For an hour a lane's series turn bad. The forecasts of what comes after it are hardly worse than those of a lane that kept the
/// champion from before it; what experts, mixture and windows saw in that hour costs as little.</summary>
public sealed class PoisonedLaneTests : IDisposable
{
    const int Clean = 1_200;
    const int Hour = 360;
    const int After = 1_000;
    const int Series = 3;
    const int StepSeconds = 10;
    const long Start = 1_700_000_000;
    const long Poisoning = Start + (Clean * StepSeconds);

    // Experts and champions alike look back on some steps of the hour, whatever was learned in it.
    const int Return = 80;

    readonly string _folder = Directory.CreateTempSubdirectory("poisoned-lane").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Forecast_AfterAPoisonedHour_IsThatOfTheChampionBefore()
    {
        double clean = Loss(Table("none"), Poisoning).Loss;
        foreach (string poison in new[] { "spiked", "another unit", "NaN" })
        {
            string csv = Table(poison);
            (double held, int champions) = Loss(csv, Poisoning);
            double learned = Loss(csv, long.MaxValue).Loss;
            Assert.True(champions > 0, "no champion before the hour");
            Assert.True(learned <= 1.02 * held, $"{poison}: {learned} against {held} of the champion before");
            Assert.True(held <= 1.15 * clean, $"{poison}: {held} against {clean} without the hour");
        }
    }

    string Table(string poison)
    {
        string path = Path.Combine(_folder, $"{poison}.csv");
        File.WriteAllLines(path, Enumerable.Range(0, Clean + Hour + After).Select(row => string.Join(
            ',', Enumerable.Range(0, Series).Select(series => Value(poison, series, row).ToString("R", CultureInfo.InvariantCulture)).Prepend(
                (Start + (row * StepSeconds)).ToString(CultureInfo.InvariantCulture)))).Prepend("time,a,b,c"));
        return path;
    }

    /// <summary>The mean absolute error of the one-step forecasts after the hour, where no champion takes over from some second on; and how many there were.</summary>
    static (double Loss, int Champions) Loss(string csv, long untilSeconds)
    {
        (double sum, int count, int champions) = (0, 0, 0);
        using BacktestLane lane = new(
            new LaneId("replay", 0),
            new Settings().ToLane(),
            report =>
            {
                if (report.HasForecast && (report.Step.Index * report.StepNs / 1_000_000_000) - Start >= (Clean + Hour + Return) * StepSeconds)
                {
                    sum += Math.Abs(report.Forecast.Yhat - report.Step.Value);
                    count++;
                }
            },
            champion =>
            {
                bool takes = champion.ActiveFromNs / 1_000_000_000 < untilSeconds;
                champions += takes ? 1 : 0;
                return takes;
            });
        new ReplaySource(new ReplayOptions { Paths = [csv] }).Run(lane, CancellationToken.None);
        return (sum / count, champions);
    }

    static double Value(string poison, int series, int row)
    {
        double usual = 10 + (3 * Math.Sin(2 * Math.PI * (row + (7 * series)) / 24)) + (0.3 * Noise(series, row));
        return row is < Clean or >= Clean + Hour ? usual : poison switch
        {
            "spiked" => usual + (SampleHash.Mix((ulong)row, (ulong)series) % 10 == 0 ? 24 * Noise(series, row + 1) : 0),
            "another unit" => 1e9 * usual,
            "NaN" => double.NaN,
            _ => usual,
        };
    }

    static double Noise(int series, int row)
    {
        double sum = 0;
        for (ulong k = 0; k < 4; k++)
        {
            sum += SampleHash.Unit(SampleHash.Mix((ulong)((series * 1_000_003L) + row), k)) - 0.5;
        }

        return sum * Math.Sqrt(3);
    }
}
