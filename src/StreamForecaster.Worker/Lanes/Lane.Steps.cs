using StreamForecaster.Alignment;
using StreamForecaster.Forecasting;
using StreamForecaster.Scoring;
using StreamForecaster.Windowing;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What happens when a series closes a step. Steps of different series are gathered, so that a batch of series is one matrix;
/// the bits of a series' result do not depend on who else is in the batch.</summary>
sealed partial class Lane
{
    // Encoding a window anew costs as much as 64 steps: one for every few closed steps keeps the pace.
    const int StepsPerEncoding = 4;
    const int EncodingCreditMax = 64 * StepsPerEncoding;

    readonly Closing[] _closings = new Closing[BatchMax];
    readonly List<StreamingModel> _models = [];
    HorizonBand[] _bands = [];
    double[] _forecast = [];
    float[] _encoding = [];
    float[] _attention = [];
    int _closingCount;
    long _batchNumber;
    long _encodingCredit;

    void Close(Series series, bool reschedule)
    {
        LaneGroup group = series.Group;
        Touch(series);
        ClosedStep step = group.Aligner.Close(group.Align(series));
        if (reschedule && SeriesAligner.IsScheduled(group.Align(series)))
        {
            Schedule(series);
        }

        if (step.Kind == StepKind.Stale)
        {
            series.IsStale = true;
            if (!series.OnProbation)
            {
                series.Order = _order++;
                _stale.Enqueue(new(series.Index, series.Hash));
            }
        }

        if (step.Kind is StepKind.Skipped or StepKind.Stale)
        {
            return;
        }

        series.IsStale = false;
        if (series.OnProbation && (step.Kind != StepKind.Measured || ++series.ProbationSteps < 2 || !TryPromote(series)))
        {
            return;
        }

        Gather(series, step);
    }

    void Gather(Series series, ClosedStep step)
    {
        if (series.InBatch == _batchNumber || _closingCount == BatchMax)
        {
            Forecast();
        }

        series.InBatch = _batchNumber;
        long stepNs = SeriesAligner.StepNs(series.Group.Align(series));
        _closings[_closingCount++] = new() { Series = series, Step = step, Time = series.Group.Calendar.At(step.Index, stepNs), StepNs = stepNs };
    }

    /// <summary>Scores, learns from and forecasts all gathered steps.</summary>
    void Forecast()
    {
        for (int i = 0; i < _closingCount; i++)
        {
            Learn(ref _closings[i], i);
        }

        foreach (StreamingModel model in _models)
        {
            model.Step();
        }

        _models.Clear();
        int cohorts = 0;
        for (int i = 0; i < _closingCount; i++)
        {
            Answer(in _closings[i]);
            PublishCohorts(i, ref cohorts);
        }

        _cohortSteps.Clear();

        Array.Clear(_closings, 0, _closingCount);
        _closingCount = 0;
        _batchNumber++;
    }

    void Learn(ref Closing closing, int place)
    {
        (Series series, ClosedStep step) = (closing.Series, closing.Step);
        LaneGroup group = series.Group;
        Touch(series);
        Span<byte> window = group.WindowOf(series);
        bool muted = group.Maintenance.IsMuted(closing.Time);
        bool missing = step.Kind == StepKind.Filled;
        if (step.Restart)
        {
            SeriesWindow.Restart(window);
        }

        Span<byte> mixture = group.MixtureOf(series);
        closing.IsWild = !missing && group.Mixture.IsWild(mixture, step.Value, closing.Time);
        closing.HasForecast = group.Mixture.HasPending(mixture, 1);
        closing.Pending = group.Mixture.Pending(mixture, 1);
        if (closing.HasForecast && !missing && !muted && !closing.IsWild && SeriesWindow.Head(window).Count >= _settings.Series.Warmup)
        {
            group.Bands.Add(closing.Pending, step.Value, SeriesWindow.Head(window).Scale);
        }

        closing.Score = group.Scorer.Score(group.ScoreOf(series),
            new StepEvidence(step.Value, closing.Pending, closing.HasForecast, closing.Time, missing, muted) { Wild = closing.IsWild });
        closing.Event = group.Events.Observe(group.EventOf(series), closing.Score, closing.Time, Explain(in closing));
        group.Window.Append(window, closing.IsWild ? closing.Pending.Yhat : step.Value, missing || muted || closing.IsWild, step.Index);
        group.Window.Mark(window, closing.Score.Score, closing.Score.IsAnomaly);
        group.Mixture.Observe(mixture, step.Value, closing.Time, missing || muted);
        Closed?.Invoke(new(series, step, closing.StepNs, closing.Pending, closing.HasForecast, closing.Score));
        Encode(ref closing);
        Offer(in closing);
        if (!muted)
        {
            Join(in closing, place);
        }

        Count(in closing);
    }

    // The series' streaming state is still that of the step before, from which the missed forecast was made: one look at its ring, with the
    // kernels that every published forecast comes from, says where that forecast looked.
    StepExplanation Explain(in Closing closing)
    {
        if (!closing.Score.IsAnomaly || closing.Step.Kind != StepKind.Measured)
        {
            return default;
        }

        (Series series, LaneGroup group) = (closing.Series, closing.Series.Group);
        LargestLags lags = default;
        if (closing.HasForecast && group.Encoder(SeriesWindow.Head(group.WindowOf(series)).EncodedVersion) is StreamingModel model)
        {
            Span<float> weights = Sized(ref _attention, model.Spec.Lookback);
            model.Attention(group.ModelOf(series), weights);
            lags = LargestLags.Of(weights);
        }

        return new(closing.Step.Value, closing.Pending, closing.HasForecast, lags);
    }

    // Puts the step into the micro-batch of the model that encoded the series; encodes it anew for the champion when it is its turn.
    void Encode(ref Closing closing)
    {
        Series series = closing.Series;
        LaneGroup group = series.Group;
        Span<byte> window = group.WindowOf(series);
        ref SeriesWindow.Header head = ref SeriesWindow.Head(window);
        _encodingCredit = Math.Min(_encodingCredit + 1, EncodingCreditMax);
        if (group.Champion is StreamingModel champion && head.EncodedVersion != champion.Version
            && head.Count >= _settings.Series.Warmup && _encodingCredit >= StepsPerEncoding)
        {
            _encodingCredit -= StepsPerEncoding;
            int steps = Math.Min(group.Window.Held(window) - 1, champion.Spec.Lookback - 1);
            Span<float> inputs = Sized(ref _encoding, steps * ModelFeatures.Count);
            group.Window.Inputs(window, back: 1, inputs, group.Calendar, closing.StepNs);
            champion.Encode(group.ModelOf(series), inputs);
            group.Mixture.ModelReplaced(group.MixtureOf(series));
            head.EncodedVersion = champion.Version;
            Counters.Encodings++;
        }

        closing.Model = group.Encoder(head.EncodedVersion);
        if (closing.Model is StreamingModel model)
        {
            if (model.IsEmpty)
            {
                _models.Add(model);
            }

            group.Window.Features(window, 0, model.Add(group.ModelOf(series), out closing.Row), closing.Time);
        }
    }

    void Answer(in Closing closing)
    {
        Series series = closing.Series;
        LaneGroup group = series.Group;
        ReadOnlySpan<double> model = [];
        if (closing.Model is StreamingModel streaming)
        {
            model = Medians(streaming, closing.Row, SeriesWindow.Head(group.WindowOf(series)));
            Counters.ModelForecasts++;
        }

        Span<HorizonBand> bands = Sized(ref _bands, group.Mixture.Horizons);
        group.Mixture.Forecast(group.MixtureOf(series), model, bands);
        SeriesWindow.Head(group.WindowOf(series)).Expert = bands[0].Expert;
        Counters.Forecasts++;
        if (_isPublishing)
        {
            Publish(in closing, bands);
        }
    }

    // The mixture takes a point forecast; the bands of what is published are its own.
    Span<double> Medians(StreamingModel model, int row, in SeriesWindow.Header head)
    {
        ReadOnlySpan<float> changes = model.Row(row);
        Span<double> forecast = Sized(ref _forecast, model.Spec.Horizons);
        int quantiles = model.Spec.Quantiles.Length;
        for (int h = 0; h < forecast.Length; h++)
        {
            forecast[h] = head.Last + (changes[(h * quantiles) + (quantiles / 2)] * SeriesWindow.ChangeUnit(head, h + 1));
        }

        return forecast;
    }

    void Count(in Closing closing)
    {
        Counters.Steps++;
        Counters.Filled += closing.Step.Kind == StepKind.Filled ? 1 : 0;
        Counters.Wild += closing.IsWild ? 1 : 0;
        Counters.Anomalies += closing.Score.IsAnomaly ? 1 : 0;
    }

    static Span<T> Sized<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }

        return array.AsSpan(0, length);
    }

    struct Closing
    {
        public Series Series;
        public ClosedStep Step;
        public StepTime Time;
        public long StepNs;
        public HorizonBand Pending;
        public bool HasForecast;
        public bool IsWild;
        public StepScore Score;
        public EventChange Event;
        public StreamingModel? Model;
        public int Row;
    }
}
