using System.CommandLine;
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
};
return await root.Parse(args).InvokeAsync();
