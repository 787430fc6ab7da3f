using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Cells;

/// <summary>The plain recurrent cell (Elman 1990): h' = tanh(x + h) or max(0, x + h).</summary>
sealed class RnnGate(CellWires wires, bool relu) : Op
{
    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> input = wires.FromInput.Row(row), state = wires.FromState.Row(row), after = wires.After.Row(row);
            for (int j = 0; j < after.Length; j++)
                after[j] = relu ? MathF.Max(0, input[j] + state[j]) : Rational.Tanh(input[j] + state[j]);
        }
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> input = wires.FromInput.GradientRow(row), after = wires.After.GradientRow(row), value = wires.After.Row(row);
            for (int j = 0; j < after.Length; j++)
            {
                float slope = relu ? (value[j] > 0 ? 1 : 0) : 1 - value[j] * value[j];
                input[j] = after[j] * slope;
            }
            input.CopyTo(wires.FromState.GradientRow(row));
        }
    }
}
