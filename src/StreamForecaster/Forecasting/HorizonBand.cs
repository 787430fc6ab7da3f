namespace StreamForecaster.Forecasting;

/// <summary>A published forecast of one step ahead, in the series' own units; always finite, lower ≤ yhat ≤ upper.</summary>
/// <param name="Yhat">The point forecast.</param>
/// <param name="Lower">The band's lower end.</param>
/// <param name="Upper">The band's upper end.</param>
/// <param name="Expert">The index of the expert that weighed most.</param>
public readonly record struct HorizonBand(double Yhat, double Lower, double Upper, byte Expert);
