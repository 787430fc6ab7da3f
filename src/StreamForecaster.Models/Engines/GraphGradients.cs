using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Engines;

/// <summary>The graph engine for training: blocks of rows forward and backward, one after the other, in a fixed order.</summary>
sealed class GraphGradients : IGradientEngine
{
    readonly ModelSpec _spec;
    readonly Parameters _parameters;
    readonly WindowNetwork _network;
    readonly Loss _loss;

    public GraphGradients(ModelSpec spec, Weights weights, Weights gradients, TrainingOptions options)
    {
        _spec = spec;
        _parameters = new Parameters(weights, gradients);
        _network = new WindowNetwork(spec, _parameters, withGradients: true);
        _loss = new Loss(spec, options);
    }

    public double Compute(in TrainingBatch batch, in TrainingPass pass)
    {
        _parameters.Refresh();
        Pass current = _network.Graph.Pass;
        (current.Training, current.Seed, current.Step, current.Forcing) = (true, pass.Seed, pass.Step, pass.Forcing);
        double total = 0, weight = _loss.TotalWeight(batch);
        if (weight == 0) return 0;
        for (int first = 0; first < batch.Count; first += WindowNetwork.BlockRows)
        {
            current.FirstRow = first;
            total += Block(batch, first, Math.Min(WindowNetwork.BlockRows, batch.Count - first), weight);
        }
        return total;
    }

    double Block(in TrainingBatch batch, int first, int rows, double weight)
    {
        int inputWidth = batch.Steps * _spec.Inputs, knownWidth = _spec.Known * _spec.Horizons, targetWidth = _spec.TargetSize;
        ReadOnlySpan<float> targets = batch.Targets.Slice(first * targetWidth, rows * targetWidth);
        if (_network.Head.Forced is { } forced)
            for (int row = 0; row < rows; row++) targets.Slice(row * targetWidth, targetWidth).CopyTo(forced.Row(row));
        _network.Forward(
            rows, batch.Steps, batch.Inputs.Slice(first * inputWidth, rows * inputWidth), batch.Known.Slice(first * knownWidth, rows * knownWidth));
        _network.Graph.ClearGradients(rows);
        double total = 0;
        for (int row = 0; row < rows; row++)
        {
            double share = (batch.SampleWeights.IsEmpty ? 1 : batch.SampleWeights[first + row]) / weight;
            total += _loss.Row(_network.Head.Output.Row(row), targets.Slice(row * targetWidth, targetWidth), share, _network.Head.Output.GradientRow(row));
        }
        _network.Graph.Backward(rows);
        return total;
    }
}
