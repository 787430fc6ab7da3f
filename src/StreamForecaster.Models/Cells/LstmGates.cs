using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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
    readonly Tensor _memoryBefore = wires.MemoryBefore!, _memoryAfter = wires.MemoryAfter!;

    public override void Forward(int rows)
    {
        nuint units = (nuint)wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            ref float gates = ref MemoryMarshal.GetReference(wires.FromInput.Row(row)), state = ref MemoryMarshal.GetReference(wires.FromState.Row(row));
            ref float before = ref MemoryMarshal.GetReference(_memoryBefore.Row(row)), memory = ref MemoryMarshal.GetReference(_memoryAfter.Row(row));
            ref float after = ref MemoryMarshal.GetReference(wires.After.Row(row));
            nuint done = Vector.IsHardwareAccelerated ? Forward<VectorLanes>(ref gates, ref state, ref before, ref memory, ref after, units, 0) : 0;
            Forward<SingleLane>(ref gates, ref state, ref before, ref memory, ref after, units, done);
        }
    }

    public override void Backward(int rows)
    {
        nuint units = (nuint)wires.After.Width;
        for (int row = 0; row < rows; row++)
        {
            ref float gates = ref MemoryMarshal.GetReference(wires.FromInput.Row(row)), tanh = ref MemoryMarshal.GetReference(wires.FromState.Row(row));
            ref float before = ref MemoryMarshal.GetReference(_memoryBefore.Row(row)), beforeGradient = ref MemoryMarshal.GetReference(_memoryBefore.GradientRow(row));
            ref float memory = ref MemoryMarshal.GetReference(_memoryAfter.GradientRow(row)), after = ref MemoryMarshal.GetReference(wires.After.GradientRow(row));
            ref float input = ref MemoryMarshal.GetReference(wires.FromInput.GradientRow(row));
            nuint done = Vector.IsHardwareAccelerated
                ? Backward<VectorLanes>(ref gates, ref tanh, ref before, ref memory, ref after, ref input, ref beforeGradient, units, 0)
                : 0;
            Backward<SingleLane>(ref gates, ref tanh, ref before, ref memory, ref after, ref input, ref beforeGradient, units, done);
            wires.FromInput.GradientRow(row).CopyTo(wires.FromState.GradientRow(row));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static nuint Forward<T>(ref float gates, ref float state, ref float before, ref float memory, ref float after, nuint units, nuint j)
        where T : struct, ILanes<T>
    {
        for (; j + T.Count <= units; j += T.Count)
        {
            T i = T.Sigmoid(T.Load(ref gates, j) + T.Load(ref state, j));
            T f = T.Sigmoid(T.Load(ref gates, units + j) + T.Load(ref state, units + j));
            T g = T.Tanh(T.Load(ref gates, 2 * units + j) + T.Load(ref state, 2 * units + j));
            T o = T.Sigmoid(T.Load(ref gates, 3 * units + j) + T.Load(ref state, 3 * units + j));
            T c = T.Fma(f, T.Load(ref before, j), i * g);
            T tanh = T.Tanh(c);
            T.Store(i, ref gates, j);
            T.Store(f, ref gates, units + j);
            T.Store(g, ref gates, 2 * units + j);
            T.Store(o, ref gates, 3 * units + j);
            T.Store(c, ref memory, j);
            T.Store(tanh, ref state, j);
            T.Store(o * tanh, ref after, j);
        }
        return j;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static nuint Backward<T>(
        ref float gates, ref float tanh, ref float before, ref float memory, ref float after, ref float input, ref float beforeGradient, nuint units, nuint j)
        where T : struct, ILanes<T>
    {
        T one = T.Of(1);
        for (; j + T.Count <= units; j += T.Count)
        {
            T i = T.Load(ref gates, j), f = T.Load(ref gates, units + j), g = T.Load(ref gates, 2 * units + j), o = T.Load(ref gates, 3 * units + j);
            T t = T.Load(ref tanh, j), d = T.Load(ref after, j);
            T dc = T.Fma(d * o, one - t * t, T.Load(ref memory, j));
            T.Store(T.Fma(dc, f, T.Load(ref beforeGradient, j)), ref beforeGradient, j);
            T.Store(dc * g * i * (one - i), ref input, j);
            T.Store(dc * T.Load(ref before, j) * f * (one - f), ref input, units + j);
            T.Store(dc * i * (one - g * g), ref input, 2 * units + j);
            T.Store(d * t * o * (one - o), ref input, 3 * units + j);
        }
        return j;
    }
}
