using System.CommandLine;
using StreamForecaster.Worker.Commands;

RootCommand root = new("StreamForecaster: forecasts and scores metric streams from Kafka. Try: demo")
{
    RunCommand.Create(),
    DemoCommand.Create(),
    ValidateCommand.Create(),
    ParseCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
