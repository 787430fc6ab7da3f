using StreamForecaster.Alignment;
using StreamForecaster.Forecasting;
using StreamForecaster.Scoring;

namespace StreamForecaster.Worker.Lanes;

/// <summary>A closed step as a backtest sees it. <paramref name="Forecast"/> is what was forecast for it, if anything was.</summary>
readonly record struct StepReport(Series Series, ClosedStep Step, long StepNs, HorizonBand Forecast, bool HasForecast, StepScore Score);
