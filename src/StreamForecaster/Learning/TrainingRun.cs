using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>One challenger: trained from the champion in gradient steps, then judged. A function of buffer, champion and seed; the
/// caller may pause between steps or give it up, never change it.</summary>
sealed class TrainingRun
{
    readonly TrainingPlan _plan;
    readonly SampleBuffer _buffer;
    readonly LearnOptions _options;
    readonly ModelTraining _training;
    readonly float[] _inputs;
    readonly float[] _known;
    readonly float[] _targets;
    readonly float[] _weights;
    SeededSequence _random;
    int _step;

    public TrainingRun(TrainingPlan plan, SampleBuffer buffer, LearnOptions options, Forecaster start, ulong seed, IModelEngine engine)
    {
        _plan = plan;
        _buffer = buffer;
        _options = options;
        _random = new SeededSequence(seed);
        Challenger = start;
        _training = new ModelTraining(start, new TrainingOptions
        {
            LearningRate = options.LearningRate,
            TotalSteps = plan.Steps,
            WarmUpSteps = Math.Min(20, plan.Steps / 5),
            Seed = (int)(seed >> 33),
        }, engine);
        SampleShape shape = buffer.Shape;
        _inputs = new float[options.BatchSize * shape.InputFloats];
        _known = new float[options.BatchSize * shape.KnownFloats];
        _targets = new float[options.BatchSize * shape.Horizons];
        _weights = new float[options.BatchSize];
        Losses = new List<double>(plan.Steps);
    }

    /// <summary>The model in training.</summary>
    public Forecaster Challenger { get; }

    /// <summary>The training loss of every gradient step.</summary>
    public List<double> Losses { get; }

    /// <summary>True where a loss was not finite: such a challenger is not judged.</summary>
    public bool HasDiverged { get; private set; }

    /// <summary>True once the budget is spent or the training has diverged.</summary>
    public bool IsTrained => _step == _plan.Steps || HasDiverged;

    /// <summary>One gradient step.</summary>
    public void Step()
    {
        for (int row = 0; row < _options.BatchSize; row++)
        {
            Gather(row);
        }

        double loss = _training.Step(_options.BatchSize, _inputs, _known, _targets, _weights);
        Losses.Add(loss);
        HasDiverged = !double.IsFinite(loss);
        _step++;
    }

    /// <summary>The gate's verdict, after the last step.</summary>
    public Verdict Judge(WindowLosses measure, Forecaster? champion, Forecaster? anchor)
    {
        if (HasDiverged)
        {
            return new(false, "kept the champion: the challenger's training diverged", default, null);
        }

        StratumLosses recent = StratumJudge.Judge(measure, _buffer.Recent, _plan.RecentJudged, Challenger, champion, anchor);
        List<StratumLosses> ages = [];
        foreach (int[] slots in _plan.ReservoirJudged)
        {
            StratumLosses age = StratumJudge.Judge(measure, _buffer.Reservoir, slots, Challenger, champion, anchor);
            if (age.Series > 0)
            {
                ages.Add(age);
            }
        }

        return Gate.Judge(recent, ages.Count == 0 ? null : StratumLosses.Join(ages), _options.Margin);
    }

    void Gather(int row)
    {
        SampleStore store;
        int slot;
        if (_plan.ReservoirTrain.Length > 0 && _random.NextUnit() < _options.ReservoirShare)
        {
            store = _buffer.Reservoir;
            slot = _plan.ReservoirTrain[_random.NextIndex(_plan.ReservoirTrain.Length)];
        }
        else
        {
            // The cube favours the newest: a thirtieth of the ring gets a third of the draws, so new behaviour is soon seen.
            double unit = _random.NextUnit();
            store = _buffer.Recent;
            slot = _plan.RecentTrain[(int)(unit * unit * unit * _plan.RecentTrain.Length)];
        }

        SampleShape shape = _buffer.Shape;
        store.Inputs(slot).CopyTo(_inputs.AsSpan(row * shape.InputFloats));
        store.Known(slot).CopyTo(_known.AsSpan(row * shape.KnownFloats));
        store.Targets(slot).CopyTo(_targets.AsSpan(row * shape.Horizons));
        _weights[row] = store.Info(slot).Weight;
    }
}
