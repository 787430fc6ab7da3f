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
        nuint units = (nuint)wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            ref float input = ref MemoryMarshal.GetReference(wires.FromInput.Row(row)), state = ref MemoryMarshal.GetReference(wires.FromState.Row(row));
            ref float before = ref MemoryMarshal.GetReference(wires.Before.Row(row)), after = ref MemoryMarshal.GetReference(wires.After.Row(row));
            nuint done = Vector.IsHardwareAccelerated ? Forward<VectorLanes>(ref input, ref state, ref before, ref after, units, 0) : 0;
            Forward<SingleLane>(ref input, ref state, ref before, ref after, units, done);
        }
    }

    public override void Backward(int rows)
    {
        nuint units = (nuint)wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            ref float gates = ref MemoryMarshal.GetReference(wires.FromInput.Row(row)), input = ref MemoryMarshal.GetReference(wires.FromInput.GradientRow(row));
            ref float fromState = ref MemoryMarshal.GetReference(wires.FromState.Row(row)), state = ref MemoryMarshal.GetReference(wires.FromState.GradientRow(row));
            ref float before = ref MemoryMarshal.GetReference(wires.Before.Row(row)), beforeGradient = ref MemoryMarshal.GetReference(wires.Before.GradientRow(row));
            ref float after = ref MemoryMarshal.GetReference(wires.After.GradientRow(row));
            nuint done = Vector.IsHardwareAccelerated
                ? Backward<VectorLanes>(ref gates, ref fromState, ref before, ref after, ref input, ref state, ref beforeGradient, units, 0)
                : 0;
            Backward<SingleLane>(ref gates, ref fromState, ref before, ref after, ref input, ref state, ref beforeGradient, units, done);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static nuint Forward<T>(ref float input, ref float state, ref float before, ref float after, nuint units, nuint j)
        where T : struct, ILanes<T>
    {
        for (; j + T.Count <= units; j += T.Count)
        {
            T r = T.Sigmoid(T.Load(ref input, j) + T.Load(ref state, j));
            T z = T.Sigmoid(T.Load(ref input, units + j) + T.Load(ref state, units + j));
            T n = T.Tanh(T.Fma(r, T.Load(ref state, 2 * units + j), T.Load(ref input, 2 * units + j)));
            T.Store(r, ref input, j);
            T.Store(z, ref input, units + j);
            T.Store(n, ref input, 2 * units + j);
            T.Store(T.Fma(z, T.Load(ref before, j) - n, n), ref after, j);
        }
        return j;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static nuint Backward<T>(
        ref float gates, ref float fromState, ref float before, ref float after, ref float input, ref float state, ref float beforeGradient, nuint units, nuint j)
        where T : struct, ILanes<T>
    {
        T one = T.Of(1);
        for (; j + T.Count <= units; j += T.Count)
        {
            T r = T.Load(ref gates, j), z = T.Load(ref gates, units + j), n = T.Load(ref gates, 2 * units + j), d = T.Load(ref after, j);
            T dn = d * (one - z) * (one - n * n);
            T dz = d * (T.Load(ref before, j) - n) * z * (one - z);
            T dr = dn * T.Load(ref fromState, 2 * units + j) * r * (one - r);
            T.Store(T.Fma(d, z, T.Load(ref beforeGradient, j)), ref beforeGradient, j);
            T.Store(dr, ref input, j);
            T.Store(dr, ref state, j);
            T.Store(dz, ref input, units + j);
            T.Store(dz, ref state, units + j);
            T.Store(dn, ref input, 2 * units + j);
            T.Store(dn * r, ref state, 2 * units + j);
        }
        return j;
    }
}
