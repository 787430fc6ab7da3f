using StreamForecaster.Forecasting;

namespace StreamForecaster.Scoring;

/// <summary>What is told of an anomalous step.</summary>
/// <param name="Value">The step's value, in the series' unit.</param>
/// <param name="Forecast">The forecast that was issued for it.</param>
/// <param name="HasForecast">Whether there was one.</param>
/// <param name="Lags">The past steps that the model behind the forecast looked at most; none where no model took part.</param>
public readonly record struct StepExplanation(double Value, HorizonBand Forecast, bool HasForecast, LargestLags Lags);
