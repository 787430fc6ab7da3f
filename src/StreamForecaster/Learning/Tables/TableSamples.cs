using StreamForecaster.Backtesting;
using StreamForecaster.Models;
using StreamForecaster.Windowing;

namespace StreamForecaster.Learning.Tables;

/// <summary>Training samples of tables, each made by the series' own window as a lane makes it: scaled as on arrival, calendar and gaps included.
/// The rows' last part is held back: no target of a training sample lies in it, and every target of a held-back one does.</summary>
public sealed class TableSamples
{
    readonly SampleStore _store;
    readonly List<int> _train = [];
    readonly List<int> _heldBack = [];
    readonly SeriesWindow _window;
    readonly float[] _inputs;
    readonly float[] _targets;
    readonly int _horizons;

    /// <summary>Takes samples evenly from all series.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="spec">The model's shapes; its inputs are a lane's (<see cref="ModelFeatures.Count"/>).</param>
    /// <param name="options">How many, and the share held back.</param>
    /// <exception cref="ArgumentException">The model does not take a lane's inputs, or the tables are too short for it.</exception>
    public TableSamples(IReadOnlyList<SeriesTable> tables, ModelSpec spec, TableTrainingOptions options)
    {
        if (spec.Inputs != ModelFeatures.Count || spec.Outputs != 1 || spec.Known != 0 || spec.Head == HeadKind.Classifier)
        {
            throw new ArgumentException(
                $"the model takes {spec.Inputs} inputs and {spec.Known} known ones and gives {spec.Outputs} outputs; a series has {ModelFeatures.Count}, 0 and 1, and wants no classifier", nameof(spec));
        }

        _horizons = spec.Horizons;
        _window = new(spec.Lookback, spec.Horizons);
        SampleShape shape = SampleShape.Of(spec);
        _inputs = new float[shape.InputFloats];
        _targets = new float[shape.Horizons];
        long rows = tables.Sum(table => (long)table.Rows * table.Columns.Length);
        int every = (int)((rows + options.Windows - 1) / options.Windows);
        _store = new(shape, options.Windows + tables.Sum(table => table.Columns.Length));
        foreach (SeriesTable table in tables)
        {
            for (int column = 0; column < table.Columns.Length; column++)
            {
                Take(table, column, (int)(table.Rows * (1 - options.HeldBack)), every);
            }
        }

        if (_train.Count == 0 || _heldBack.Count == 0)
        {
            throw new ArgumentException(
                $"the data gives {_train.Count} samples to train on and {_heldBack.Count} held back: it wants more rows than lookback {spec.Lookback} and horizons {spec.Horizons} on either side", nameof(tables));
        }
    }

    /// <summary>Samples to train on.</summary>
    public int TrainCount => _train.Count;

    /// <summary>Samples held back.</summary>
    public int HeldBackCount => _heldBack.Count;

    internal SampleStore Store => _store;

    internal ReadOnlySpan<int> Train => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_train);

    internal ReadOnlySpan<int> HeldBack => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_heldBack);

    void Take(SeriesTable table, int column, int split, int every)
    {
        byte[] state = new byte[_window.StateBytes];
        CalendarClock calendar = new(TimeZoneInfo.Utc);
        long stepNs = table.StepNs;
        double last = double.NaN;
        for (int row = 0; row < table.Rows; row++)
        {
            double value = table.Columns[column][row];
            bool missing = double.IsNaN(value);
            last = missing ? last : value;
            if (double.IsNaN(last))
            {
                continue;
            }

            _window.Append(state, last, missing, table.Times[row].Index);
            // The sample's targets are this row and the horizons before it.
            bool isHeldBack = row - _horizons + 1 >= split;
            if (row % every == 0 && (row < split || isHeldBack)
                && _window.TrySample(state, _inputs, _targets, out _, calendar, stepNs))
            {
                Keep(isHeldBack ? _heldBack : _train);
            }
        }
    }

    void Keep(List<int> slots)
    {
        int slot = _train.Count + _heldBack.Count;
        Span<float> to = _store.Write(slot, new SampleInfo(0, 0, 1, 1));
        _inputs.CopyTo(to);
        _targets.CopyTo(to[_inputs.Length..]);
        slots.Add(slot);
    }
}
