namespace StreamForecaster.Forecasting;

/// <summary>When a step is: its start, and where that falls in the local day and week.</summary>
/// <param name="UnixNs">The step's start, nanoseconds since 1970 (UTC).</param>
/// <param name="SecondOfDay">0..86399 in the series group's time zone.</param>
/// <param name="DayOfWeek">0 (Sunday)..6 in the series group's time zone.</param>
/// <param name="Index">The step's number since 1970: <paramref name="UnixNs"/> divided by the step.</param>
/// <param name="StepSeconds">The step's length in whole seconds, at least 1.</param>
public readonly record struct StepTime(long UnixNs, int SecondOfDay, int DayOfWeek, long Index, int StepSeconds);
