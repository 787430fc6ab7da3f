using StreamForecaster.Models.Cells;
using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Heads;

sealed partial class Head
{
    /// <summary>
    /// Horizon by horizon: a cell that starts from the encoder's state sees its own last output (the quantile nearest to the
    /// median; at first 0, no change) and the covariates known for the horizon, attends, and gives the quantiles.
    /// </summary>
    void AddDecoder()
    {
        Cell cell = new(_graph, _parameters, WeightLayout.DecoderCell(_spec), "decoder.", "");
        int width = _spec.StateWidth, outputs = _spec.Outputs, known = _spec.Known, step = outputs * _spec.Quantiles.Length;
        Forced = _graph.NewTensor(_spec.Horizons * outputs);
        Tensor state = _source.State;
        Tensor? memory = _source.Memory;
        for (int h = 0; h < _spec.Horizons; h++)
        {
            Tensor x = _graph.NewTensor(outputs + known), after = _graph.NewTensor(width);
            Tensor? memoryAfter = memory is null ? null : _graph.NewTensor(width);
            if (h > 0)
            {
                Tensor last = Output.Columns((h - 1) * step, step), target = Forced.Columns((h - 1) * outputs, outputs);
                _graph.Add(new FeedBack(_graph.Pass, _spec, h, last, target, x.Columns(0, outputs)));
            }
            if (known > 0) _graph.Add(new Copy(_source.Known!.Columns(h * known, known), x.Columns(outputs, known)));
            cell.Step(x, state, after, memory, memoryAfter);
            Tensor features = _graph.NewTensor(FeatureWidth);
            AddFeatures(after, features);
            AddOutput(features, Output.Columns(h * step, step));
            (state, memory) = (after, memoryAfter);
        }
    }
}

/// <summary>
/// The decoder's next input: its own last median or, in training at the set share (Williams and Zipser 1989; scheduled as by
/// Bengio et al. 2015), the target.
/// </summary>
sealed class FeedBack(Pass pass, ModelSpec spec, int horizon, Tensor last, Tensor target, Tensor x) : Op
{
    readonly int _median = spec.MedianIndex;

    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            bool forced = IsForced(row);
            ReadOnlySpan<float> own = last.Row(row), told = target.Row(row);
            Span<float> to = x.Row(row);
            // A missing target (NaN) cannot be shown.
            for (int c = 0; c < to.Length; c++)
                to[c] = forced && !float.IsNaN(told[c]) ? told[c] : own[c * spec.Quantiles.Length + _median];
        }
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            bool forced = IsForced(row);
            ReadOnlySpan<float> told = target.Row(row), gradient = x.GradientRow(row);
            Span<float> own = last.GradientRow(row);
            for (int c = 0; c < gradient.Length; c++)
                if (!forced || float.IsNaN(told[c])) own[c * spec.Quantiles.Length + _median] += gradient[c];
        }
    }

    bool IsForced(int row) => pass.Training && IsForced(new TrainingPass(pass.Seed, pass.Step, pass.Forcing), pass.FirstRow + row, horizon);

    /// <summary>Whether a row of the batch sees the target of the horizon before this one.</summary>
    public static bool IsForced(in TrainingPass pass, int row, int horizon) =>
        SeededRandom.UniformAt(pass.Seed, pass.Step, (1UL << 63) + ((ulong)row << 16) + (ulong)horizon) < pass.Forcing;
}
