using StreamForecaster.Benchmarks;

return args is ["nab", ..] ? NabBench.Run(args[1..]) : 0;
