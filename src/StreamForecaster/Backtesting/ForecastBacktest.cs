using StreamForecaster.Forecasting;

namespace StreamForecaster.Backtesting;

/// <summary>One forecaster's figures of a backtest.</summary>
/// <param name="Name">An expert's name, or <c>mixture</c>.</param>
/// <param name="Horizon">Figures are over steps 1..this.</param>
/// <param name="Figures">The figures.</param>
public sealed record BacktestLine(string Name, int Horizon, ForecastFigures Figures);

/// <summary>
/// Runs series row by row through the production classes: the mixture of every series and one model for all, trained on the
/// training rows and updated online. A target is learned from only after it has arrived.
/// </summary>
public sealed class ForecastBacktest
{
    readonly SeriesTable _table;
    readonly ForecastBacktestOptions _options;
    readonly ForecastMixture _mixture;
    readonly BacktestModel? _model;
    readonly byte[][] _states;
    readonly double[] _units;
    readonly HorizonBand[] _bands;
    readonly double[] _opinions;
    readonly double[] _quantiles;
    readonly double[] _medians;
    readonly int[] _horizons;
    readonly ErrorSums[][] _sums;
    readonly int _quantileCount;

    /// <exception cref="ArgumentException">The options do not fit the table.</exception>
    public ForecastBacktest(SeriesTable table, ForecastBacktestOptions options)
    {
        (_table, _options) = (table, options);
        _horizons = [.. options.Horizons.Order().Distinct()];
        if (Wrong() is { } wrong)
        {
            throw new ArgumentException(wrong, nameof(options));
        }

        var longest = _horizons[^1];
        var model = options.Model is null ? null : options.Model with { Horizons = longest };
        _quantileCount = model?.Quantiles.Count ?? 1;
        _mixture = new ForecastMixture(new MixtureOptions { Profile = options.Profile }, longest);
        _model = model is null ? null : new BacktestModel(table, model, options.Training);
        _states = [.. table.Columns.Select(_ => new byte[_mixture.StateBytes])];
        foreach (var state in _states)
        {
            _mixture.Initialize(state);
        }

        _units = [.. table.Columns.Select(column => Deviation(column.AsSpan(0, options.TrainRows)))];
        _bands = new HorizonBand[longest];
        _opinions = new double[_mixture.Experts.Length];
        _quantiles = new double[longest * _quantileCount];
        _medians = new double[longest];
        _sums = [.. _horizons.Select(h => Enumerable.Range(0, _opinions.Length + 1).Select(_ => new ErrorSums(h)).ToArray())];
    }

    /// <summary>Called after every row with its number: for progress and clocks, which this class has not.</summary>
    public Action<int>? RowDone { get; set; }

    /// <summary>Called before and after each training: true when it begins.</summary>
    public Action<bool>? Training { get; set; }

    /// <summary>Called with every online forecast: series, row of the origin, bands.</summary>
    public Action<int, int, ReadOnlyMemory<HorizonBand>>? Forecasted { get; set; }

    /// <summary>[series]: what the figures are in, the deviation over the training rows.</summary>
    public IReadOnlyList<double> Units => _units;

    /// <summary>The mixture that was run.</summary>
    public ForecastMixture Mixture => _mixture;

    /// <summary>Runs all rows.</summary>
    public IReadOnlyList<BacktestLine> Run()
    {
        for (var row = 0; row < _table.Rows; row++)
        {
            _model?.Observe(row);
            for (var series = 0; series < _states.Length; series++)
            {
                Step(series, row);
            }

            Learn(row + 1);
            RowDone?.Invoke(row);
        }

        return Lines();
    }

    void Step(int series, int row)
    {
        var value = _table.Columns[series][row];
        _mixture.Observe(_states[series], value, _table.Times[row], double.IsNaN(value));
        var model = Span<double>.Empty;
        if (_model is { Answers: true })
        {
            _model.Forecast(series, row, _quantiles);
            model = Medians();
        }

        _mixture.Forecast(_states[series], model, _bands);
        if (row + 1 < _options.OnlineFrom)
        {
            return;
        }

        Forecasted?.Invoke(series, row, _bands);
        for (var i = 0; i < _horizons.Length; i++)
        {
            if (row + _horizons[i] < _table.Rows)
            {
                Judge(series, row, _horizons[i], _sums[i], !model.IsEmpty);
            }
        }
    }

    Span<double> Medians()
    {
        for (var h = 0; h < _medians.Length; h++)
        {
            _medians[h] = _quantiles[(h * _quantileCount) + (_quantileCount / 2)];
        }

        return _medians;
    }

    /// <summary>Adds the errors of one origin at steps 1..horizon.</summary>
    void Judge(int series, int row, int horizon, ErrorSums[] sums, bool hasModel)
    {
        var unit = _units[series];
        for (var h = 1; h <= horizon; h++)
        {
            var actual = _table.Columns[series][row + h];
            if (double.IsNaN(actual))
            {
                continue;
            }

            _mixture.Opinions(_states[series], h, _opinions);
            for (var k = 0; k < _opinions.Length; k++)
            {
                // All are judged over the same rows: one that has nothing to say yet, a season's before the season is found, says the last value.
                var asleep = double.IsNaN(_opinions[k]);
                sums[k].Add(h, ((asleep ? _opinions[0] : _opinions[k]) - actual) / unit, !asleep);
            }

            var band = _bands[h - 1];
            sums[^1].Add(h, (band.Yhat - actual) / unit);
            sums[^1].AddBand(h, band.Lower / unit, band.Upper / unit, actual / unit);
            if (hasModel && _quantileCount > 1)
            {
                var (lower, upper) = (_quantiles[(h - 1) * _quantileCount], _quantiles[(h * _quantileCount) - 1]);
                sums[^2].AddBand(h, lower / unit, upper / unit, actual / unit);
            }
        }
    }

    void Learn(int rows)
    {
        if (_model is null)
        {
            return;
        }

        var first = rows == _options.TrainRows;
        if (!first && (rows < _options.TrainRows || (rows - _options.TrainRows) % _options.Training.UpdateEvery != 0))
        {
            return;
        }

        Training?.Invoke(true);
        if (first)
        {
            _model.Train(rows);
        }
        else
        {
            _model.Update(rows);
        }

        Training?.Invoke(false);
    }

    List<BacktestLine> Lines()
    {
        var lines = new List<BacktestLine>();
        for (var i = 0; i < _horizons.Length; i++)
        {
            for (var k = _sums[i].Length - 1; k >= 0; k--)
            {
                var name = k < _opinions.Length ? _mixture.Experts[k] : "mixture";
                if (_sums[i][k].Over(_horizons[i]) is { } figures)
                {
                    lines.Add(new BacktestLine(name, _horizons[i], figures));
                }
            }
        }

        return lines;
    }

    string? Wrong()
    {
        if (_horizons.Length == 0 || _horizons[0] < 1)
        {
            return "horizons: wants one or more whole numbers of at least 1, like 1,24,48";
        }

        var least = (_options.Model?.Lookback ?? 0) + _horizons[^1] + 1;
        if (_options.TrainRows < least || _options.TrainRows > _table.Rows)
        {
            return $"train-rows: {_options.TrainRows} must be {least} (lookback and longest horizon) to {_table.Rows} (the file's rows)";
        }

        return _options.OnlineFrom < _options.TrainRows || _options.OnlineFrom + _horizons[^1] > _table.Rows
            ? $"online-from: {_options.OnlineFrom} must be {_options.TrainRows} (train-rows) to {_table.Rows - _horizons[^1]} (rows less the longest horizon)"
            : null;
    }

    /// <summary>The population deviation, the unit of all figures; 1 for a constant.</summary>
    static double Deviation(ReadOnlySpan<double> values)
    {
        double mean = 0, squares = 0;
        var count = 0;
        foreach (var value in values)
        {
            if (!double.IsNaN(value))
            {
                count++;
                var delta = value - mean;
                mean += delta / count;
                squares += delta * (value - mean);
            }
        }

        return squares > 0 ? Math.Sqrt(squares / count) : 1;
    }
}
