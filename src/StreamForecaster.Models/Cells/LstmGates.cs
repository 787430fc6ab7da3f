using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Cells;

/// <summary>
/// The gates of an LSTM (Hochreiter and Schmidhuber 1997, with Gers' forget gate), in PyTorch's order i, f, g, o:
/// c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c'). Forward leaves the gates in the input side's tensor and tanh(c') in the
/// state side's.
/// </summary>
sealed class LstmGates(CellWires wires) : Op
{
    public override void Forward(int rows)
    {
        int units = wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            Span<float> gates = wires.FromInput.Row(row), state = wires.FromState.Row(row), after = wires.After.Row(row);
            Span<float> before = wires.MemoryBefore!.Row(row), memory = wires.MemoryAfter!.Row(row);
            for (int j = 0; j < units; j++)
            {
                float i = Rational.Sigmoid(gates[j] + state[j]);
                float f = Rational.Sigmoid(gates[units + j] + state[units + j]);
                float g = Rational.Tanh(gates[2 * units + j] + state[2 * units + j]);
                float o = Rational.Sigmoid(gates[3 * units + j] + state[3 * units + j]);
                memory[j] = float.MultiplyAddEstimate(f, before[j], i * g);
                (gates[j], gates[units + j], gates[2 * units + j], gates[3 * units + j]) = (i, f, g, o);
                state[j] = Rational.Tanh(memory[j]);
                after[j] = o * state[j];
            }
        }
    }

    public override void Backward(int rows)
    {
        int units = wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            Span<float> gates = wires.FromInput.Row(row), input = wires.FromInput.GradientRow(row), tanh = wires.FromState.Row(row);
            Span<float> before = wires.MemoryBefore!.Row(row), beforeGradient = wires.MemoryBefore.GradientRow(row);
            Span<float> memoryGradient = wires.MemoryAfter!.GradientRow(row), after = wires.After.GradientRow(row);
            for (int j = 0; j < units; j++)
            {
                float i = gates[j], f = gates[units + j], g = gates[2 * units + j], o = gates[3 * units + j], d = after[j];
                float dc = memoryGradient[j] + d * o * (1 - tanh[j] * tanh[j]);
                beforeGradient[j] += dc * f;
                input[j] = dc * g * i * (1 - i);
                input[units + j] = dc * before[j] * f * (1 - f);
                input[2 * units + j] = dc * i * (1 - g * g);
                input[3 * units + j] = d * tanh[j] * o * (1 - o);
            }
            input.CopyTo(wires.FromState.GradientRow(row));
        }
    }
}
