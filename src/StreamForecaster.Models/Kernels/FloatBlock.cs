namespace StreamForecaster.Models.Kernels;

/// <summary>Zeroed float32 memory that does not move, 64-byte aligned, for kernels that take pointers.</summary>
sealed unsafe class FloatBlock
{
    const int Alignment = 64;

    readonly float[] _array;
    readonly int _start;

    public FloatBlock(int count)
    {
        Count = count;
        _array = GC.AllocateArray<float>(count + Alignment / sizeof(float), pinned: true);
        fixed (float* first = _array) _start = (int)((Alignment - (nint)first % Alignment) % Alignment / sizeof(float));
        fixed (float* first = &_array[_start]) Pointer = first;
    }

    public int Count { get; }

    /// <summary>Valid as long as this object is referenced.</summary>
    public float* Pointer { get; }

    public Span<float> Span => _array.AsSpan(_start, Count);
}
