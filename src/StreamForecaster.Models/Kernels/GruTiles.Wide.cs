using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// The tiles for vectors of sixteen: eight rows take 24 accumulators of the 32 registers. Each lane does what it does in the
/// tiles of eight, in the same order: the bits are theirs.
/// </summary>
static unsafe partial class GruTiles
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void EightRows(float* x, nint xRow, int inputs, float* h, nint hRow, int hidden, float* pack, float* gates, nint gateRow)
    {
        Vector512<float> r0 = Vector512.Load(pack), r1 = r0, r2 = r0, r3 = r0, r4 = r0, r5 = r0, r6 = r0, r7 = r0;
        Vector512<float> z0 = Vector512.Load(pack + 16), z1 = z0, z2 = z0, z3 = z0, z4 = z0, z5 = z0, z6 = z0, z7 = z0;
        Vector512<float> n0 = Vector512.Load(pack + 32), n1 = n0, n2 = n0, n3 = n0, n4 = n0, n5 = n0, n6 = n0, n7 = n0;
        float* w = pack + 64, x4 = x + 4 * xRow, h4 = h + 4 * hRow;
        for (float* end = x + inputs; x < end; x++, x4++, w += 48)
        {
            Vector512<float> wr = Vector512.Load(w), wz = Vector512.Load(w + 16), wn = Vector512.Load(w + 32), f;
            (r0, z0, n0) = (Fma(f = Vector512.Create(x[0]), wr, r0), Fma(f, wz, z0), Fma(f, wn, n0));
            (r1, z1, n1) = (Fma(f = Vector512.Create(x[xRow]), wr, r1), Fma(f, wz, z1), Fma(f, wn, n1));
            (r2, z2, n2) = (Fma(f = Vector512.Create(x[2 * xRow]), wr, r2), Fma(f, wz, z2), Fma(f, wn, n2));
            (r3, z3, n3) = (Fma(f = Vector512.Create(x[3 * xRow]), wr, r3), Fma(f, wz, z3), Fma(f, wn, n3));
            (r4, z4, n4) = (Fma(f = Vector512.Create(x4[0]), wr, r4), Fma(f, wz, z4), Fma(f, wn, n4));
            (r5, z5, n5) = (Fma(f = Vector512.Create(x4[xRow]), wr, r5), Fma(f, wz, z5), Fma(f, wn, n5));
            (r6, z6, n6) = (Fma(f = Vector512.Create(x4[2 * xRow]), wr, r6), Fma(f, wz, z6), Fma(f, wn, n6));
            (r7, z7, n7) = (Fma(f = Vector512.Create(x4[3 * xRow]), wr, r7), Fma(f, wz, z7), Fma(f, wn, n7));
        }
        Store(gates, gateRow, n0, n1, n2, n3, n4, n5, n6, n7);
        n0 = n1 = n2 = n3 = n4 = n5 = n6 = n7 = Vector512.Load(pack + 48);
        for (float* end = h + hidden; h < end; h++, h4++, w += 48)
        {
            Vector512<float> wr = Vector512.Load(w), wz = Vector512.Load(w + 16), wn = Vector512.Load(w + 32), f;
            (r0, z0, n0) = (Fma(f = Vector512.Create(h[0]), wr, r0), Fma(f, wz, z0), Fma(f, wn, n0));
            (r1, z1, n1) = (Fma(f = Vector512.Create(h[hRow]), wr, r1), Fma(f, wz, z1), Fma(f, wn, n1));
            (r2, z2, n2) = (Fma(f = Vector512.Create(h[2 * hRow]), wr, r2), Fma(f, wz, z2), Fma(f, wn, n2));
            (r3, z3, n3) = (Fma(f = Vector512.Create(h[3 * hRow]), wr, r3), Fma(f, wz, z3), Fma(f, wn, n3));
            (r4, z4, n4) = (Fma(f = Vector512.Create(h4[0]), wr, r4), Fma(f, wz, z4), Fma(f, wn, n4));
            (r5, z5, n5) = (Fma(f = Vector512.Create(h4[hRow]), wr, r5), Fma(f, wz, z5), Fma(f, wn, n5));
            (r6, z6, n6) = (Fma(f = Vector512.Create(h4[2 * hRow]), wr, r6), Fma(f, wz, z6), Fma(f, wn, n6));
            (r7, z7, n7) = (Fma(f = Vector512.Create(h4[3 * hRow]), wr, r7), Fma(f, wz, z7), Fma(f, wn, n7));
        }
        gates += hidden;
        Store(gates, gateRow, r0, r1, r2, r3, r4, r5, r6, r7);
        gates += hidden;
        Store(gates, gateRow, z0, z1, z2, z3, z4, z5, z6, z7);
        gates += hidden;
        Store(gates, gateRow, n0, n1, n2, n3, n4, n5, n6, n7);
    }

    /// <summary>One row, 32 units: two packs at once, for enough independent sums.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void OneRowOf32(float* x, int inputs, float* h, int hidden, float* pack, float* gates)
    {
        float* other = pack + PackSize(inputs, hidden);
        Vector512<float> r0 = Vector512.Load(pack), z0 = Vector512.Load(pack + 16), n0 = Vector512.Load(pack + 32);
        Vector512<float> r1 = Vector512.Load(other), z1 = Vector512.Load(other + 16), n1 = Vector512.Load(other + 32);
        float* w = pack + 64, v = other + 64;
        for (float* end = x + inputs; x < end; x++, w += 48, v += 48)
        {
            Vector512<float> f = Vector512.Create(*x);
            (r0, z0, n0) = (Fma(f, Vector512.Load(w), r0), Fma(f, Vector512.Load(w + 16), z0), Fma(f, Vector512.Load(w + 32), n0));
            (r1, z1, n1) = (Fma(f, Vector512.Load(v), r1), Fma(f, Vector512.Load(v + 16), z1), Fma(f, Vector512.Load(v + 32), n1));
        }
        n0.Store(gates);
        n1.Store(gates + 16);
        n0 = Vector512.Load(pack + 48);
        n1 = Vector512.Load(other + 48);
        for (float* end = h + hidden; h < end; h++, w += 48, v += 48)
        {
            Vector512<float> f = Vector512.Create(*h);
            (r0, z0, n0) = (Fma(f, Vector512.Load(w), r0), Fma(f, Vector512.Load(w + 16), z0), Fma(f, Vector512.Load(w + 32), n0));
            (r1, z1, n1) = (Fma(f, Vector512.Load(v), r1), Fma(f, Vector512.Load(v + 16), z1), Fma(f, Vector512.Load(v + 32), n1));
        }
        gates += hidden;
        r0.Store(gates);
        r1.Store(gates + 16);
        gates += hidden;
        z0.Store(gates);
        z1.Store(gates + 16);
        gates += hidden;
        n0.Store(gates);
        n1.Store(gates + 16);
    }

    /// <summary>One row, the last 16 units.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    static void OneRowOf16(float* x, int inputs, float* h, int hidden, float* pack, float* gates)
    {
        Vector512<float> r0 = Vector512.Load(pack), z0 = Vector512.Load(pack + 16), n0 = Vector512.Load(pack + 32);
        float* w = pack + 64;
        for (float* end = x + inputs; x < end; x++, w += 48)
        {
            Vector512<float> f = Vector512.Create(*x);
            (r0, z0, n0) = (Fma(f, Vector512.Load(w), r0), Fma(f, Vector512.Load(w + 16), z0), Fma(f, Vector512.Load(w + 32), n0));
        }
        n0.Store(gates);
        n0 = Vector512.Load(pack + 48);
        for (float* end = h + hidden; h < end; h++, w += 48)
        {
            Vector512<float> f = Vector512.Create(*h);
            (r0, z0, n0) = (Fma(f, Vector512.Load(w), r0), Fma(f, Vector512.Load(w + 16), z0), Fma(f, Vector512.Load(w + 32), n0));
        }
        gates += hidden;
        r0.Store(gates);
        gates += hidden;
        z0.Store(gates);
        gates += hidden;
        n0.Store(gates);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(
        float* to, nint row, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, Vector512<float> v3,
        Vector512<float> v4, Vector512<float> v5, Vector512<float> v6, Vector512<float> v7)
    {
        v0.Store(to);
        v1.Store(to + row);
        v2.Store(to + 2 * row);
        v3.Store(to + 3 * row);
        v4.Store(to + 4 * row);
        v5.Store(to + 5 * row);
        v6.Store(to + 6 * row);
        v7.Store(to + 7 * row);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> Fma(Vector512<float> a, Vector512<float> b, Vector512<float> c) => Vector512.MultiplyAddEstimate(a, b, c);
}
