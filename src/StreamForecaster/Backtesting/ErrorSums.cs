using StreamForecaster.Forecasting;

namespace StreamForecaster.Backtesting;

/// <summary>Sums of one forecaster's errors at each step ahead, over origins and series.</summary>
sealed class ErrorSums(int horizons)
{
    readonly double[] _squared = new double[horizons + 1];
    readonly double[] _absolute = new double[horizons + 1];
    readonly double[] _inside = new double[horizons + 1];
    readonly double[] _width = new double[horizons + 1];
    readonly double[] _interval = new double[horizons + 1];
    readonly long[] _banded = new long[horizons + 1];
    readonly bool[] _own = new bool[horizons + 1];
    readonly long[] _count = new long[horizons + 1];

    /// <summary>Adds one forecast's error, in scaled units; not its own: another's, told in its place.</summary>
    public void Add(int horizon, double error, bool own = true)
    {
        _count[horizon]++;
        _own[horizon] |= own;
        _squared[horizon] += error * error;
        _absolute[horizon] += Math.Abs(error);
    }

    /// <summary>Adds one forecast's 90 % band, in scaled units like what came.</summary>
    public void AddBand(int horizon, double lower, double upper, double actual)
    {
        _banded[horizon]++;
        _width[horizon] += upper - lower;
        _inside[horizon] += actual >= lower && actual <= upper ? 1 : 0;
        _interval[horizon] += IntervalScore.Of(lower, upper, actual, 0.9);
    }

    /// <summary>The figures over steps 1..horizon; null where some step has none of its own.</summary>
    public ForecastFigures? Over(int horizon)
    {
        double squared = 0, absolute = 0, inside = 0, width = 0, interval = 0;
        var banded = true;
        for (var h = 1; h <= horizon; h++)
        {
            if (!_own[h])
            {
                return null;
            }

            squared += _squared[h] / _count[h] / horizon;
            absolute += _absolute[h] / _count[h] / horizon;
            banded &= _banded[h] > 0;
            inside += _inside[h] / Math.Max(1, _banded[h]) / horizon;
            width += _width[h] / Math.Max(1, _banded[h]) / horizon;
            interval += _interval[h] / Math.Max(1, _banded[h]) / horizon;
        }

        return new ForecastFigures(squared, absolute, absolute / 2, banded ? inside : null, banded ? width : null, banded ? interval : null);
    }
}

/// <summary>How well one forecaster did, in scaled units.</summary>
/// <param name="Mse">Mean squared error.</param>
/// <param name="Mae">Mean absolute error.</param>
/// <param name="Pinball">Mean pinball loss of the median forecast.</param>
/// <param name="Coverage90">The share of targets inside the 90 % band; null without a band.</param>
/// <param name="Width90">The band's mean width.</param>
/// <param name="IntervalScore90">The band's mean interval score.</param>
public readonly record struct ForecastFigures(
    double Mse, double Mae, double Pinball, double? Coverage90, double? Width90, double? IntervalScore90);
