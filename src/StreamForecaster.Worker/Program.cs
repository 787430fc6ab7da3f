using System.CommandLine;
using System.CommandLine.Invocation;
using StreamForecaster.Worker.Commands;

Command backtest = new("backtest", "Measure quality on files, through the production code.")
{
    BacktestNabCommand.Create(),
    BacktestForecastCommand.Create(),
};
RootCommand root = new("StreamForecaster: forecasts and scores metric streams from Kafka. Try: demo")
{
    RunCommand.Create(),
    DemoCommand.Create(),
    ValidateCommand.Create(),
    ParseCommand.Create(),
    ProduceCommand.Create(),
    backtest,
    ModelsCommand.Create(),
    SnapshotCommand.Create(),
    TrainCommand.Create(),
    ExplainCommand.Create(),
};
try
{
    // Commands that flush on a signal take the time that they are given (SignalStop); the library's own way ends them after two seconds.
    ParseResult parsed = root.Parse(args);
    if (parsed.Action is ParseErrorAction wrong)
    {
        // A line a mistake; the page of help only where a command is still to be chosen.
        wrong.ShowHelp = parsed.CommandResult.Command.Subcommands.Count > 0;
    }

    int code = await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
    return parsed.Errors.Count > 0 ? SettingsFile.ExitWrong : code;
}
catch (Exception refused) when (refused is InvalidOperationException or IOException or FormatException or InvalidDataException)
{
    // What an operator can cause is one line; everything else is a bug and keeps its trace.
    await Console.Error.WriteLineAsync(refused.Message);
    return 1;
}
