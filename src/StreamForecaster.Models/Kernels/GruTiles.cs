using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// The products of a GRU step: r, z, the input's part of n and the state's part of n. Weights are packed per vector of units, here
/// eight, as [r8|z8|n8] of the biases, n8 of the state's bias, then [r8|z8|n8] for each input and each state unit.
/// Results go to a row of gates [n|r|z|n of the state], each as wide as the state. Four rows take 12 accumulators, three
/// weight vectors and a broadcast: the 16 registers. All tiles sum a row in the same order, so its bits do not depend on
/// which took it. Leaf methods: a call or an activation in here would spill every accumulator.
/// </summary>
static unsafe partial class GruTiles
{
    /// <summary>Units of one pack.</summary>
    public static int Units => Vector512.IsHardwareAccelerated ? 16 : 8;

    /// <summary>Floats of one pack.</summary>
    public static int PackSize(int inputs, int hidden) => Units * (4 + 3 * (inputs + hidden));

    /// <summary>
    /// The gates' products of rows of inputs and states, hidden a multiple of 16. Pack by pack over all rows, so that a pack is read
    /// from the nearest cache by all tiles but the first.
    /// </summary>
    public static void Step(int rows, float* x, nint xRow, int inputs, float* h, nint hRow, int hidden, float* packs, float* gates, nint gateRow)
    {
        int size = PackSize(inputs, hidden), tile = Vector512.IsHardwareAccelerated ? 8 : 4, whole = rows / tile * tile;
        for (int unit = 0; unit < hidden; unit += Units, packs += size)
            for (int row = 0; row < whole; row += tile)
            {
                float* xTile = x + row * xRow, hTile = h + row * hRow, gateTile = gates + row * gateRow + unit;
                if (Vector512.IsHardwareAccelerated) EightRows(xTile, xRow, inputs, hTile, hRow, hidden, packs, gateTile, gateRow);
                else FourRows(xTile, xRow, inputs, hTile, hRow, hidden, packs, gateTile, gateRow);
            }
        packs -= hidden / Units * size;
        for (int row = whole; row < rows; row++) OneRow(x + row * xRow, inputs, h + row * hRow, hidden, packs, size, gates + row * gateRow);
    }

    static void OneRow(float* x, int inputs, float* h, int hidden, float* packs, int size, float* gates)
    {
        int unit = 0;
        if (Vector512.IsHardwareAccelerated)
        {
            for (; unit + 32 <= hidden; unit += 32, packs += 2 * size) OneRowOf32(x, inputs, h, hidden, packs, gates + unit);
            if (unit < hidden) OneRowOf16(x, inputs, h, hidden, packs, gates + unit);
            return;
        }
        for (; unit < hidden; unit += 16, packs += 2 * size) OneRow(x, inputs, h, hidden, packs, gates + unit);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void FourRows(float* x, nint xRow, int inputs, float* h, nint hRow, int hidden, float* pack, float* gates, nint gateRow)
    {
        Vector256<float> r0 = Vector256.Load(pack), r1 = r0, r2 = r0, r3 = r0, z0 = Vector256.Load(pack + 8), z1 = z0, z2 = z0, z3 = z0,
            n0 = Vector256.Load(pack + 16), n1 = n0, n2 = n0, n3 = n0;
        float* w = pack + 32, h3 = h + 3 * hRow;
        for (float* end = x + inputs; x < end; x++, w += 24)
        {
            Vector256<float> wr = Vector256.Load(w), wz = Vector256.Load(w + 8), wn = Vector256.Load(w + 16), f = Vector256.Create(x[0]);
            (r0, z0, n0) = (Fma(f, wr, r0), Fma(f, wz, z0), Fma(f, wn, n0));
            f = Vector256.Create(x[xRow]);
            (r1, z1, n1) = (Fma(f, wr, r1), Fma(f, wz, z1), Fma(f, wn, n1));
            f = Vector256.Create(x[2 * xRow]);
            (r2, z2, n2) = (Fma(f, wr, r2), Fma(f, wz, z2), Fma(f, wn, n2));
            f = Vector256.Create(x[3 * xRow]);
            (r3, z3, n3) = (Fma(f, wr, r3), Fma(f, wz, z3), Fma(f, wn, n3));
        }
        n0.Store(gates);
        n1.Store(gates + gateRow);
        n2.Store(gates + 2 * gateRow);
        n3.Store(gates + 3 * gateRow);
        n0 = n1 = n2 = n3 = Vector256.Load(pack + 24);
        for (float* end = h + hidden; h < end; h++, h3++, w += 24)
        {
            Vector256<float> wr = Vector256.Load(w), wz = Vector256.Load(w + 8), wn = Vector256.Load(w + 16), f = Vector256.Create(h[0]);
            (r0, z0, n0) = (Fma(f, wr, r0), Fma(f, wz, z0), Fma(f, wn, n0));
            f = Vector256.Create(h[hRow]);
            (r1, z1, n1) = (Fma(f, wr, r1), Fma(f, wz, z1), Fma(f, wn, n1));
            f = Vector256.Create(h[2 * hRow]);
            (r2, z2, n2) = (Fma(f, wr, r2), Fma(f, wz, z2), Fma(f, wn, n2));
            f = Vector256.Create(h3[0]);
            (r3, z3, n3) = (Fma(f, wr, r3), Fma(f, wz, z3), Fma(f, wn, n3));
        }
        gates += hidden;
        r0.Store(gates);
        r1.Store(gates + gateRow);
        r2.Store(gates + 2 * gateRow);
        r3.Store(gates + 3 * gateRow);
        gates += hidden;
        z0.Store(gates);
        z1.Store(gates + gateRow);
        z2.Store(gates + 2 * gateRow);
        z3.Store(gates + 3 * gateRow);
        gates += hidden;
        n0.Store(gates);
        n1.Store(gates + gateRow);
        n2.Store(gates + 2 * gateRow);
        n3.Store(gates + 3 * gateRow);
    }

    /// <summary>One row, sixteen units: two packs at once, for enough independent sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void OneRow(float* x, int inputs, float* h, int hidden, float* pack, float* gates)
    {
        float* other = pack + PackSize(inputs, hidden);
        Vector256<float> r0 = Vector256.Load(pack), z0 = Vector256.Load(pack + 8), n0 = Vector256.Load(pack + 16);
        Vector256<float> r1 = Vector256.Load(other), z1 = Vector256.Load(other + 8), n1 = Vector256.Load(other + 16);
        float* w = pack + 32, v = other + 32;
        for (float* end = x + inputs; x < end; x++, w += 24, v += 24)
        {
            Vector256<float> f = Vector256.Create(*x);
            (r0, z0, n0) = (Fma(f, Vector256.Load(w), r0), Fma(f, Vector256.Load(w + 8), z0), Fma(f, Vector256.Load(w + 16), n0));
            (r1, z1, n1) = (Fma(f, Vector256.Load(v), r1), Fma(f, Vector256.Load(v + 8), z1), Fma(f, Vector256.Load(v + 16), n1));
        }
        n0.Store(gates);
        n1.Store(gates + 8);
        n0 = Vector256.Load(pack + 24);
        n1 = Vector256.Load(other + 24);
        for (float* end = h + hidden; h < end; h++, w += 24, v += 24)
        {
            Vector256<float> f = Vector256.Create(*h);
            (r0, z0, n0) = (Fma(f, Vector256.Load(w), r0), Fma(f, Vector256.Load(w + 8), z0), Fma(f, Vector256.Load(w + 16), n0));
            (r1, z1, n1) = (Fma(f, Vector256.Load(v), r1), Fma(f, Vector256.Load(v + 8), z1), Fma(f, Vector256.Load(v + 16), n1));
        }
        gates += hidden;
        r0.Store(gates);
        r1.Store(gates + 8);
        gates += hidden;
        z0.Store(gates);
        z1.Store(gates + 8);
        gates += hidden;
        n0.Store(gates);
        n1.Store(gates + 8);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> Fma(Vector256<float> a, Vector256<float> b, Vector256<float> c) => Vector256.MultiplyAddEstimate(a, b, c);
}
