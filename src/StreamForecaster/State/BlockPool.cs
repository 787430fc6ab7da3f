using System.Runtime.InteropServices;

namespace StreamForecaster.State;

/// <summary>Blocks of one size in unmanaged memory, 64-byte aligned and zeroed: the state of the series of a group, a block each.</summary>
public sealed unsafe class BlockPool : IDisposable
{
    const int Alignment = 64;
    const int SlabBytes = 1 << 20;

    readonly Stack<nint> _free = new();
    readonly List<nint> _slabs = [];
    readonly int _blocksPerSlab;

    /// <summary>Makes an empty pool of blocks of at least <paramref name="blockBytes"/>.</summary>
    public BlockPool(int blockBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(blockBytes);
        BlockBytes = (blockBytes + Alignment - 1) / Alignment * Alignment;
        _blocksPerSlab = Math.Max(1, SlabBytes / BlockBytes);
    }

    /// <summary>The size of a block.</summary>
    public int BlockBytes { get; }

    /// <summary>Blocks in use.</summary>
    public int InUse { get; private set; }

    /// <summary>Takes a zeroed block.</summary>
    public nint Rent()
    {
        if (_free.Count == 0)
        {
            Grow();
        }

        nint block = _free.Pop();
        Span(block).Clear();
        InUse++;
        return block;
    }

    /// <summary>Gives a block back.</summary>
    public void Return(nint block)
    {
        _free.Push(block);
        InUse--;
    }

    /// <summary>The bytes of a block.</summary>
    public Span<byte> Span(nint block) => new((void*)block, BlockBytes);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (nint slab in _slabs)
        {
            NativeMemory.AlignedFree((void*)slab);
        }

        _slabs.Clear();
        _free.Clear();
    }

    void Grow()
    {
        nint slab = (nint)NativeMemory.AlignedAlloc((nuint)BlockBytes * (nuint)_blocksPerSlab, Alignment);
        _slabs.Add(slab);
        for (int i = _blocksPerSlab - 1; i >= 0; i--)
        {
            _free.Push(slab + ((nint)i * BlockBytes));
        }
    }
}
