using System.CommandLine;
using StreamForecaster.Worker.Commands;

RootCommand root = new("StreamForecaster: forecasts and scores metric streams from Kafka. Try: demo")
{
    RunCommand.Create(),
    DemoCommand.Create(),
    ValidateCommand.Create(),
    ParseCommand.Create(),
    ProduceCommand.Create(),
    new Command("backtest", "Measure quality on files, through the production code.") 
    {
        BacktestNabCommand.Create(), BacktestForecastCommand.Create(),
    },
    ModelsCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
