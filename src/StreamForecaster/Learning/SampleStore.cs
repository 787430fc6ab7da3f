namespace StreamForecaster.Learning;

/// <summary>A fixed number of sample slots in chunks that are allocated as they are first used.</summary>
public sealed class SampleStore(SampleShape shape, int capacity)
{
    const int ChunkSlots = 128;

    readonly float[]?[] _chunks = new float[]?[(capacity + ChunkSlots - 1) / ChunkSlots];
    readonly SampleInfo[] _infos = new SampleInfo[capacity];

    public SampleShape Shape => shape;

    public int Capacity => capacity;

    public ref readonly SampleInfo Info(int slot) => ref _infos[slot];

    /// <summary>The sample's floats, laid out as in <see cref="SampleShape"/>.</summary>
    public ReadOnlySpan<float> Floats(int slot) => Slot(slot);

    public ReadOnlySpan<float> Inputs(int slot) => Slot(slot)[..shape.InputFloats];

    public ReadOnlySpan<float> Known(int slot) => Slot(slot).Slice(shape.InputFloats, shape.KnownFloats);

    public ReadOnlySpan<float> Targets(int slot) => Slot(slot)[(shape.InputFloats + shape.KnownFloats)..];

    /// <summary>Gives a slot to a new sample; the caller fills the floats.</summary>
    public Span<float> Write(int slot, in SampleInfo info)
    {
        _infos[slot] = info;
        return Slot(slot);
    }

    public void Move(int from, int to) => Slot(from).CopyTo(Write(to, _infos[from]));

    Span<float> Slot(int slot)
    {
        float[] chunk = _chunks[slot / ChunkSlots] ??= new float[ChunkSlots * shape.Floats];
        return chunk.AsSpan(slot % ChunkSlots * shape.Floats, shape.Floats);
    }
}
