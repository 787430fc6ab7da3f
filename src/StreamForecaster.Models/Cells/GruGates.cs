using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamForecaster.Models.Graphs;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Cells;

/// <summary>
/// The gates of a GRU (Cho et al. 2014, in the form of cuDNN and PyTorch): r = σ(x_r + h_r), z = σ(x_z + h_z),
/// n = tanh(x_n + r·h_n), h' = n + z·(h − n). Forward leaves r, z, n in the input side's tensor, where backward finds them.
/// </summary>
sealed class GruGates(CellWires wires) : Op
{
    public override void Forward(int rows)
    {
        int units = wires.After.Width;
        for (int row = 0; row < rows; row++)
            ForwardRow(
                ref MemoryMarshal.GetReference(wires.FromInput.Row(row)), ref MemoryMarshal.GetReference(wires.FromState.Row(row)),
                ref MemoryMarshal.GetReference(wires.Before.Row(row)), ref MemoryMarshal.GetReference(wires.After.Row(row)), units);
    }

    public override void Backward(int rows)
    {
        int units = wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            Span<float> gates = wires.FromInput.Row(row), input = wires.FromInput.GradientRow(row), state = wires.FromState.GradientRow(row);
            Span<float> before = wires.Before.Row(row), beforeGradient = wires.Before.GradientRow(row), after = wires.After.GradientRow(row);
            Span<float> stateNew = wires.FromState.Row(row).Slice(2 * units, units);
            for (int j = 0; j < units; j++)
            {
                float r = gates[j], z = gates[units + j], n = gates[2 * units + j], d = after[j];
                float dn = d * (1 - z) * (1 - n * n);
                float dz = d * (before[j] - n) * z * (1 - z);
                float dr = dn * stateNew[j] * r * (1 - r);
                beforeGradient[j] += d * z;
                input[j] = dr;
                state[j] = dr;
                input[units + j] = dz;
                state[units + j] = dz;
                input[2 * units + j] = dn;
                state[2 * units + j] = dn * r;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void ForwardRow(ref float input, ref float state, ref float before, ref float after, int units)
    {
        nuint j = 0, u = (nuint)units;
        if (Vector.IsHardwareAccelerated)
            for (; j + (nuint)Vector<float>.Count <= u; j += (nuint)Vector<float>.Count)
            {
                Vector<float> r = Rational.Sigmoid(Vector.LoadUnsafe(ref input, j) + Vector.LoadUnsafe(ref state, j));
                Vector<float> z = Rational.Sigmoid(Vector.LoadUnsafe(ref input, u + j) + Vector.LoadUnsafe(ref state, u + j));
                Vector<float> n = Rational.Tanh(Vector.MultiplyAddEstimate(r, Vector.LoadUnsafe(ref state, 2 * u + j), Vector.LoadUnsafe(ref input, 2 * u + j)));
                r.StoreUnsafe(ref input, j);
                z.StoreUnsafe(ref input, u + j);
                n.StoreUnsafe(ref input, 2 * u + j);
                Vector.MultiplyAddEstimate(z, Vector.LoadUnsafe(ref before, j) - n, n).StoreUnsafe(ref after, j);
            }
        for (; j < u; j++)
        {
            float r = Rational.Sigmoid(Unsafe.Add(ref input, j) + Unsafe.Add(ref state, j));
            float z = Rational.Sigmoid(Unsafe.Add(ref input, u + j) + Unsafe.Add(ref state, u + j));
            float n = Rational.Tanh(float.MultiplyAddEstimate(r, Unsafe.Add(ref state, 2 * u + j), Unsafe.Add(ref input, 2 * u + j)));
            Unsafe.Add(ref input, j) = r;
            Unsafe.Add(ref input, u + j) = z;
            Unsafe.Add(ref input, 2 * u + j) = n;
            Unsafe.Add(ref after, j) = float.MultiplyAddEstimate(z, Unsafe.Add(ref before, j) - n, n);
        }
    }
}
