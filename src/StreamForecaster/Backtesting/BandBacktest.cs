using StreamForecaster.Forecasting;

namespace StreamForecaster.Backtesting;

/// <summary>How well one series' one-step band did, beside what its experts' own past errors would have given.</summary>
/// <param name="Rows">Targets judged.</param>
/// <param name="Coverage">The share of them inside the band.</param>
/// <param name="Exact">The share that some expert forecast to the last bit: a series of few values, whose bands may well have no width.</param>
/// <param name="IntervalScore">The band's mean interval score, in the series' own units.</param>
/// <param name="BestScore">That of the best expert, chosen afterwards, with the 5 % and 95 % points of its trailing errors about its forecast.</param>
/// <param name="Best">The expert's name.</param>
public readonly record struct BandFigures(int Rows, double Coverage, double Exact, double IntervalScore, double BestScore, string Best);

/// <summary>Runs one series through a mixture without a model and compares its 90 % band with trailing empirical quantiles.</summary>
public static class BandBacktest
{
    /// <summary>Errors that a trailing quantile is of, at most.</summary>
    const int Trailing = 500;

    const double Level = 0.9;

    /// <summary>Runs all rows.</summary>
    /// <param name="values">[row]; not a number where a row has no value.</param>
    /// <param name="times">[row].</param>
    /// <param name="options">The mixture's settings; a level of 0.9.</param>
    /// <param name="from">The first row that is judged; at least 2.</param>
    public static BandFigures Run(ReadOnlySpan<double> values, ReadOnlySpan<StepTime> times, MixtureOptions options, int from)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(from, 2);
        var mixture = new ForecastMixture(options, 1);
        var state = new byte[mixture.StateBytes];
        mixture.Initialize(state);
        var band = new HorizonBand[1];
        var opinions = new double[mixture.Experts.Length];
        TrailingErrors[] trailing = [.. opinions.Select(_ => new TrailingErrors(Trailing))];
        var scores = new double[opinions.Length];
        double inside = 0, exact = 0, score = 0;
        var rows = 0;
        for (var row = 0; row < values.Length; row++)
        {
            var actual = values[row];
            if (row > 0 && !double.IsNaN(actual))
            {
                var judged = row >= from;
                rows += judged ? 1 : 0;
                inside += judged && actual >= band[0].Lower && actual <= band[0].Upper ? 1 : 0;
                exact += judged && opinions.Contains(actual) ? 1 : 0;
                score += judged ? IntervalScore.Of(band[0].Lower, band[0].Upper, actual, Level) : 0;
                for (var k = 0; k < opinions.Length; k++)
                {
                    // One that has nothing to say yet says the last value.
                    var forecast = double.IsNaN(opinions[k]) ? opinions[0] : opinions[k];
                    scores[k] += judged
                        ? IntervalScore.Of(forecast + trailing[k].Quantile((1 - Level) / 2), forecast + trailing[k].Quantile((1 + Level) / 2), actual, Level)
                        : 0;
                    trailing[k].Add(actual - forecast);
                }
            }

            mixture.Observe(state, actual, times[row], double.IsNaN(actual));
            mixture.Forecast(state, [], band);
            mixture.Opinions(state, 1, opinions);
        }

        var best = Array.IndexOf(scores, scores.Min());
        return new BandFigures(rows, inside / rows, exact / rows, score / rows, scores[best] / rows, mixture.Experts[best]);
    }

    /// <summary>The newest errors, sorted.</summary>
    sealed class TrailingErrors(int capacity)
    {
        readonly Queue<double> _order = new(capacity);
        readonly List<double> _sorted = new(capacity + 1);

        public void Add(double error)
        {
            if (_order.Count == capacity)
            {
                _sorted.RemoveAt(_sorted.BinarySearch(_order.Dequeue()));
            }

            _order.Enqueue(error);
            var place = _sorted.BinarySearch(error);
            _sorted.Insert(place < 0 ? ~place : place, error);
        }

        /// <summary>Between the two nearest; 0 before the first error.</summary>
        public double Quantile(double share)
        {
            if (_sorted.Count == 0)
            {
                return 0;
            }

            var place = share * (_sorted.Count - 1);
            var (low, high) = (_sorted[(int)place], _sorted[Math.Min((int)place + 1, _sorted.Count - 1)]);
            return low + ((place - Math.Floor(place)) * (high - low));
        }
    }
}
