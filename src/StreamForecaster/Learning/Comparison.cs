namespace StreamForecaster.Learning;

/// <summary>How a challenger's loss compares with another's on the same windows.</summary>
/// <param name="Ratio">Challenger / other, the median over the series: below 1 the challenger is better.</param>
/// <param name="Error">Standard error of the ratio. Windows of a series that overlap count as one.</param>
public readonly record struct Comparison(double Ratio, double Error);
