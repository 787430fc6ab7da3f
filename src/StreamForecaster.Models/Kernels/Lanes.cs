using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// Some neighbouring values of a row that are worked on together: a vector, or in a row's tail a single value. A formula
/// written once over lanes does the same operations in both, so a value's bits do not depend on which it fell into.
/// </summary>
interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    static abstract nuint Count { get; }

    static abstract TSelf Load(ref float row, nuint index);

    static abstract void Store(TSelf lanes, ref float row, nuint index);

    static abstract TSelf Of(float value);

    static abstract TSelf Fma(TSelf a, TSelf b, TSelf c);

    static abstract TSelf Tanh(TSelf x);

    static abstract TSelf Sigmoid(TSelf x);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);
}

/// <summary>As many lanes as the machine's vectors have.</summary>
readonly struct VectorLanes(Vector<float> values) : ILanes<VectorLanes>
{
    readonly Vector<float> _values = values;

    public static nuint Count => (nuint)Vector<float>.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes Load(ref float row, nuint index) => new(Vector.LoadUnsafe(ref row, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(VectorLanes lanes, ref float row, nuint index) => lanes._values.StoreUnsafe(ref row, index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes Of(float value) => new(new Vector<float>(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes Fma(VectorLanes a, VectorLanes b, VectorLanes c) => new(Vector.MultiplyAddEstimate(a._values, b._values, c._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes Tanh(VectorLanes x) => new(Rational.Tanh(x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes Sigmoid(VectorLanes x) => new(Rational.Sigmoid(x._values));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes operator +(VectorLanes a, VectorLanes b) => new(a._values + b._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes operator -(VectorLanes a, VectorLanes b) => new(a._values - b._values);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static VectorLanes operator *(VectorLanes a, VectorLanes b) => new(a._values * b._values);
}

/// <summary>One value: the tail of a row, and the path where there are no vectors.</summary>
readonly struct SingleLane(float value) : ILanes<SingleLane>
{
    readonly float _value = value;

    public static nuint Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Load(ref float row, nuint index) => new(Unsafe.Add(ref row, index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(SingleLane lanes, ref float row, nuint index) => Unsafe.Add(ref row, index) = lanes._value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Of(float value) => new(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Fma(SingleLane a, SingleLane b, SingleLane c) => new(float.MultiplyAddEstimate(a._value, b._value, c._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Tanh(SingleLane x) => new(Rational.Tanh(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane Sigmoid(SingleLane x) => new(Rational.Sigmoid(x._value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator +(SingleLane a, SingleLane b) => new(a._value + b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator -(SingleLane a, SingleLane b) => new(a._value - b._value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SingleLane operator *(SingleLane a, SingleLane b) => new(a._value * b._value);
}
