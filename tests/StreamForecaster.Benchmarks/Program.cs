using StreamForecaster.Benchmarks;

switch (args)
{
    case ["nab", ..]:
        return NabBench.Run(args[1..]);
    case ["experts", ..]:
        return MixtureBench.Run(args[1..]);
    case ["models", ..]:
        return ModelsBench.Run(args[1..]);
    case ["consume"]:
        return ConsumeBench.Run();
    default:
        Console.Error.WriteLine("./bench.sh nab --data DIR --windows FILE [--out DIR] [--profile lean|full] | consume | experts [HORIZONS] | models [--json FILE] [--rounds N] [--graph]");
        return 2;
}
