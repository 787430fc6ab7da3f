using StreamForecaster.Benchmarks;

switch (args)
{
    case ["nab", ..]:
        return NabBench.Run(args[1..]);
    case ["experts", ..]:
        return MixtureBench.Run(args[1..]);
    case ["never-worse", ..]:
        return NeverWorseBench.Run(args[1..]);
    case ["recovery", ..]:
        return RecoveryBench.Run(args[1..]);
    case ["models", ..]:
        return ModelsBench.Run(args[1..]);
    case ["consume"]:
        return ConsumeBench.Run();
    case ["pipeline", ..]:
        return await PipelineBench.RunAsync(args[1..]);
    case ["sink", ..]:
        return await SinkBench.RunAsync(args[1..]);
    case [BrokerProcess.Word, _, _]:
        return BrokerProcess.Serve(args[1..]);
    case [PacedLoad.Word, var perSecond]:
        return PacedLoad.Serve(int.Parse(perSecond, System.Globalization.CultureInfo.InvariantCulture));
    default:
        Console.Error.WriteLine("./bench.sh nab --data DIR --windows FILE [--stress DIR] [--out DIR] [--profile lean|full] | consume | experts [HORIZONS] | never-worse PATH...|--generated SEED [--warm-up ROWS] | recovery [SERIES] | models [--json FILE] [--rounds N] [--graph] | pipeline [--profile lean|full] [--rate RECORDS] [--json FILE] | sink [SECONDS]");
        return 2;
}
