using StreamForecaster.Models;
using StreamForecaster.Models.Heads;
using TorchSharp;
using static TorchSharp.torch;

namespace StreamForecaster.Torch;

/// <summary>
/// Gradients with TorchSharp. The loss is the managed one: it gives the gradient of the output, and torch takes it back to the
/// parameters, so that missing targets, weights and every loss behave as they do in the managed engine.
/// </summary>
sealed class TorchGradients(TorchNetwork network, Weights weights, Weights gradients, Loss loss) : IGradientEngine
{
    public double Compute(in TrainingBatch batch, in TrainingPass pass)
    {
        ModelSpec spec = network.Spec;
        double weight = loss.TotalWeight(batch);
        if (weight == 0) return 0;
        network.Upload(weights);
        network.Train(true);
        using DisposeScope scope = NewDisposeScope();
        network.ClearGradients();
        Tensor? forced = spec.Head == HeadKind.Decoder && pass.Forcing > 0 ? Forced(batch, pass) : null;
        Tensor output = network.Forward(
            network.ToTensor(batch.Inputs, [batch.Count, batch.Steps, spec.Inputs]), network.ToTensor(batch.Known, [batch.Count, spec.Horizons, spec.Known]), forced);
        float[] values = output.detach().cpu().contiguous().data<float>().ToArray(), slopes = new float[values.Length];
        double total = 0;
        for (int row = 0; row < batch.Count; row++)
        {
            double share = (batch.SampleWeights.IsEmpty ? 1 : batch.SampleWeights[row]) / weight;
            total += loss.Row(
                values.AsSpan(row * spec.OutputSize, spec.OutputSize), batch.Targets.Slice(row * spec.TargetSize, spec.TargetSize), share,
                slopes.AsSpan(row * spec.OutputSize, spec.OutputSize));
        }
        (output * network.ToTensor(slopes, [batch.Count, spec.OutputSize])).sum().backward();
        network.AddGradients(gradients);
        return total;
    }

    /// <summary>The targets that the decoder is shown [batch, horizon, output]: the same draws as in the managed engine, NaN elsewhere.</summary>
    Tensor Forced(in TrainingBatch batch, in TrainingPass pass)
    {
        ModelSpec spec = network.Spec;
        float[] targets = batch.Targets.ToArray();
        for (int row = 0; row < batch.Count; row++)
            for (int h = 0; h < spec.Horizons; h++)
                if (!FeedBack.IsForced(pass, row, h + 1)) targets.AsSpan((row * spec.Horizons + h) * spec.Outputs, spec.Outputs).Fill(float.NaN);
        return network.ToTensor(targets, [batch.Count, spec.Horizons, spec.Outputs]);
    }
}
