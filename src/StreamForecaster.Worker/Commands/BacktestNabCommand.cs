using System.Collections.Concurrent;
using System.CommandLine;
using System.Globalization;
using StreamForecaster.Worker.Commands.Backtests;
using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Lanes;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>backtest nab</c>: every <c>timestamp,value</c> file through the production lane, with the settings that the daemon ships with.</summary>
public static class BacktestNabCommand
{
    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Option<string> data = new("--data") { Description = "The folder of the CSV files (timestamp,value).", Required = true };
        Option<string> output = new("--out") { Description = "The folder of the result files, at the same relative paths.", Required = true };
        Option<string?> config = new("--config", "-c") { Description = "The settings; without it, defaults and environment." };
        Command command = new("nab", "Score files of the Numenta Anomaly Benchmark. Example: backtest nab --data nab/data --out results") { data, output, config };
        command.SetAction(parsed =>
        {
            TextWriter error = parsed.InvocationConfiguration.Error;
            if (SettingsFile.Load(parsed.GetValue(config), error) is not Settings settings)
            {
                return SettingsFile.ExitWrong;
            }

            try
            {
                return Run(parsed.GetValue(data)!, parsed.GetValue(output)!, settings.ToLane(), parsed.InvocationConfiguration.Output, error);
            }
            catch (AggregateException e) when (e.InnerExceptions.All(static inner => inner is InvalidDataException or IOException or UnauthorizedAccessException))
            {
                error.WriteLine(e.InnerExceptions[0].Message);
                return e.InnerExceptions[0] is InvalidDataException ? SettingsFile.ExitWrong : 1;
            }
        });
        return command;
    }

    static int Run(string data, string output, LaneSettings settings, TextWriter report, TextWriter progress)
    {
        string[] files = Directory.Exists(data)
            ? [.. Directory.EnumerateFiles(data, "*.csv", SearchOption.AllDirectories)
                .OrderByDescending(path => new FileInfo(path).Length).ThenBy(path => path, StringComparer.Ordinal)]
            : [];
        if (files.Length == 0)
        {
            progress.WriteLine($"{data}: no .csv file below it; wanted are files with the columns timestamp,value");
            return SettingsFile.ExitWrong;
        }

        int done = 0;
        long rows = 0, late = 0;
        Lock gate = new();
        // The longest first and one at a time, so that no core ends with a long one to itself.
        OrderablePartitioner<string> order = Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering);
        Parallel.ForEach(order, new() { MaxDegreeOfParallelism = Environment.ProcessorCount }, file =>
        {
            string relative = Path.GetRelativePath(data, file);
            (int fileRows, long fileLate) = NabFile.Run(file, Path.Combine(output, relative), settings);
            lock (gate)
            {
                rows += fileRows;
                late += fileLate;
                progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{++done}/{files.Length} {relative}: {fileRows} rows"));
            }
        });
        report.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} files, {rows} rows, {late} late; results in {output}"));
        return 0;
    }
}
