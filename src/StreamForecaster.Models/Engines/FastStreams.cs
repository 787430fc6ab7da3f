using System.Numerics;
using StreamForecaster.Models.Heads;
using StreamForecaster.Models.Kernels;

namespace StreamForecaster.Models.Engines;

/// <summary>
/// The fast engine for streams with a Q15 ring, on the same bytes as the graph engine. Blocks of eight series take the
/// encoder's step together; each then looks at its ring while the block after it is fetched.
/// </summary>
sealed unsafe class FastStreams : IStreamEngine
{
    /// <summary>Also how many series ahead memory is fetched: their blocks fit the first cache's neighbourhood.</summary>
    const int BlockRows = 8;

    readonly ModelSpec _spec;
    readonly StreamLayout _layout;
    readonly FastWeights _weights;
    readonly int _hidden;
    readonly FloatBlock _before, _gates, _features, _query, _look, _raw, _ringQuery, _ringHead;

    public FastStreams(ModelSpec spec, Weights weights, StreamLayout layout)
    {
        (_spec, _layout, _weights, _hidden) = (spec, layout, new FastWeights(spec, weights), spec.HiddenSize);
        (_before, _gates) = (new FloatBlock(BlockRows * _hidden), new FloatBlock(BlockRows * 4 * _hidden));
        (_features, _query) = (new FloatBlock(BlockRows * 2 * _hidden), new FloatBlock(BlockRows * _hidden));
        (_look, _raw) = (new FloatBlock((spec.Lookback + 7) & ~7), new FloatBlock(BlockRows * _weights.OutputStride));
        (_ringQuery, _ringHead) = (new FloatBlock(_weights.Query.Count), new FloatBlock(_weights.Head.Count));
    }

    /// <summary>Whether it covers the spec, ring and machine.</summary>
    public static bool Cover(ModelSpec spec, StreamLayout layout) =>
        FastWeights.Cover(spec) && layout.Ring == RingPrecision.Q15 && spec.Lookback % 4 == 0;

    public void Step(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, Span<float> output)
    {
        Refresh();
        int width = _spec.OutputSize, stride = _weights.OutputStride;
        for (int first = 0; first < states.Length; first += BlockRows)
        {
            int rows = Math.Min(BlockRows, states.Length - first);
            ReadOnlySpan<nint> block = states.Slice(first, rows);
            Encode(block, inputs.Slice(first * _spec.Inputs, rows * _spec.Inputs));
            Query(rows);
            for (int row = 0; row < rows; row++)
            {
                int due = first + BlockRows + row;
                Look(block[row], row, due < states.Length ? states[due] : 0);
            }
            Span<float> raw = _raw.Span[..(rows * stride)];
            for (int row = 0; row < rows; row++) _weights.HeadBias.Span.CopyTo(raw[(row * stride)..]);
            MatrixProduct.Add(_features.Span, 2 * _hidden, 1, _ringHead.Span, stride, raw, stride, rows, 2 * _hidden, stride);
            for (int row = 0; row < rows; row++)
                SortQuantiles.Sort(raw.Slice(row * stride, width), output.Slice((first + row) * width, width), _spec.Quantiles.Length);
        }
    }

    public void Reencode(nint state, ReadOnlySpan<float> inputs)
    {
        Refresh();
        new StreamState(state, _layout).Clear();
        ReadOnlySpan<nint> one = new(in state);
        for (int at = 0; at < inputs.Length; at += _spec.Inputs) Encode(one, inputs.Slice(at, _spec.Inputs));
    }

    public void Attention(nint state, Span<float> weights)
    {
        Refresh();
        StreamState series = new(state, _layout);
        if (series.Count == 0) return;
        series.Hidden.CopyTo(_features.Span);
        Query(1);
        Look(state, 0, 0);
        int oldest = series.OldestSlot;
        for (int i = 0; i < weights.Length; i++) weights[i] = _look.Span[(oldest + i) % weights.Length];
    }

    /// <summary>The weights that meet the ring, in the order and scale of its words.</summary>
    void Refresh()
    {
        if (!_weights.Refresh()) return;
        int stride = _weights.OutputStride;
        ReadOnlySpan<float> query = _weights.Query.Span, head = _weights.Head.Span;
        Span<float> ringQuery = _ringQuery.Span, ringHead = _ringHead.Span;
        head[..(_hidden * stride)].CopyTo(ringHead);
        for (int place = 0; place < _hidden; place++)
        {
            int unit = RingRows.UnitAt(place);
            for (int j = 0; j < _hidden; j++) ringQuery[j * _hidden + place] = RingRows.Unit * query[j * _hidden + unit];
            for (int o = 0; o < stride; o++) ringHead[(_hidden + place) * stride + o] = RingRows.Unit * head[(_hidden + unit) * stride + o];
        }
    }

    /// <summary>One encoder step of each state, pushed to its ring and left in the features.</summary>
    void Encode(ReadOnlySpan<nint> states, ReadOnlySpan<float> inputs)
    {
        int gateRow = 4 * _hidden, width = _spec.Inputs, rows = states.Length;
        float* gates = _gates.Pointer, before = _before.Pointer;
        for (int row = 0; row < rows; row++) new StreamState(states[row], _layout).Hidden.CopyTo(_before.Span[(row * _hidden)..]);
        fixed (float* x = inputs) GruTiles.Step(rows, x, width, width, before, _hidden, _hidden, _weights.Gates.Pointer, gates, gateRow);
        GruGateRows.Forward(gates, gateRow, before, _hidden, _features.Pointer, 2 * _hidden, rows, _hidden);
        for (int row = 0; row < rows; row++)
        {
            StreamState series = new(states[row], _layout);
            ReadOnlySpan<float> after = _features.Span.Slice(row * 2 * _hidden, _hidden);
            after.CopyTo(series.Hidden);
            series.Push(after, _spec.GapInput >= 0 && inputs[row * width + _spec.GapInput] != 0);
        }
    }

    void Query(int rows)
    {
        Span<float> query = _query.Span[..(rows * _hidden)];
        query.Clear();
        MatrixProduct.Add(_features.Span, 2 * _hidden, 1, _ringQuery.Span, _hidden, query, _hidden, rows, _hidden, _hidden);
    }

    /// <summary>The row's read of its ring; half of what is due later is fetched during each of the two walks.</summary>
    void Look(nint state, int row, nint due)
    {
        int slots = _layout.Slots, half = _layout.Bytes / 128 * 64, rest = _layout.Bytes - half;
        float* look = _look.Pointer;
        byte* ahead = (byte*)due;
        RingRows.Scores(_query.Pointer + row * _hidden, (int*)state, slots, _hidden, look, ahead, due == 0 ? 0 : half);
        Mask(new StreamState(state, _layout), (ulong*)(state + _layout.GapsAt));
        AttentionRows.Softmax(look, _look.Count);
        RingRows.Read(look, (int*)state, slots, _hidden, _features.Pointer + row * 2 * _hidden + _hidden, ahead + half, due == 0 ? 0 : rest);
    }

    /// <summary>-∞ for gaps, for slots not yet filled and for what fills the row up; the newest is always seen.</summary>
    void Mask(StreamState series, ulong* gaps)
    {
        Span<float> look = _look.Span;
        int filled = series.Filled, newest = (int)((series.Count - 1) % (ulong)_layout.Slots);
        look[filled..].Fill(float.NegativeInfinity);
        for (int word = 0; word < _layout.GapWords; word++)
            for (ulong left = gaps[word]; left != 0; left &= left - 1)
            {
                int slot = 64 * word + BitOperations.TrailingZeroCount(left);
                if (slot != newest) look[slot] = float.NegativeInfinity;
            }
    }
}
