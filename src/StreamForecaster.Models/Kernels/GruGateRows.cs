using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Models.Kernels;

/// <summary>
/// What is done between the products of a GRU step, on rows of gates [n|r|z|m], m = U_n h + b the state's part of n:
/// r = σ, z = σ, n = tanh(n + r·m), h' = n + z·(h − n). The products have halved r and z (σ(x) = ½ + ½ tanh(x/2)).
/// </summary>
static unsafe class GruGateRows
{
    /// <summary>Activates the gates in place and writes the new states. Two loops, so that no division waits for another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Forward(float* gates, nint gateRow, float* before, nint beforeRow, float* after, nint afterRow, int rows, int hidden)
    {
        for (int row = 0; row < rows; row++)
        {
            if (Vector512.IsHardwareAccelerated)
            {
                ForwardWide(gates, before, after, hidden);
                gates += gateRow;
                before += beforeRow;
                after += afterRow;
                continue;
            }
            float* n = gates, r = gates + hidden, z = r + hidden, m = z + hidden;
            for (float* g = r; g < m; g += 8)
                Vector256.MultiplyAddEstimate(Vector256.Create(.5f), Rational.Tanh(Vector256.Load(g)), Vector256.Create(.5f)).Store(g);
            for (int j = 0; j < hidden; j += 8)
            {
                Vector256<float> t = Rational.Tanh(Vector256.MultiplyAddEstimate(Vector256.Load(r + j), Vector256.Load(m + j), Vector256.Load(n + j)));
                t.Store(n + j);
                Vector256.MultiplyAddEstimate(Vector256.Load(z + j), Vector256.Load(before + j) - t, t).Store(after + j);
            }
            gates += gateRow;
            before += beforeRow;
            after += afterRow;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void ForwardWide(float* gates, float* before, float* after, int hidden)
    {
        float* n = gates, r = gates + hidden, z = r + hidden, m = z + hidden;
        for (float* g = r; g < m; g += 16)
            Vector512.MultiplyAddEstimate(Vector512.Create(.5f), Rational.Tanh(Vector512.Load(g)), Vector512.Create(.5f)).Store(g);
        for (int j = 0; j < hidden; j += 16)
        {
            Vector512<float> t = Rational.Tanh(Vector512.MultiplyAddEstimate(Vector512.Load(r + j), Vector512.Load(m + j), Vector512.Load(n + j)));
            t.Store(n + j);
            Vector512.MultiplyAddEstimate(Vector512.Load(z + j), Vector512.Load(before + j) - t, t).Store(after + j);
        }
    }

    /// <summary>
    /// The gates' gradients in place of the gates. <paramref name="carry"/> [row, unit] holds what flows back from later steps,
    /// to which attention adds weight·read + score·query; it leaves as the part that goes around the gates, d·z.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    public static void Backward(float* gates, float* before, float* carry, in AttentionFlow flow, int step, int rows, int hidden)
    {
        float* read = flow.Read, query = flow.Query, weight = flow.Weights + step, score = flow.Scores + step;
        Vector256<float> one = Vector256<float>.One;
        for (int row = 0; row < rows; row++)
        {
            float* n = gates, r = gates + hidden, z = r + hidden, m = z + hidden;
            Vector256<float> byRead = Vector256.Create(*weight), byQuery = Vector256.Create(*score);
            for (int j = 0; j < hidden; j += 8)
            {
                Vector256<float> d = Vector256.MultiplyAddEstimate(byRead, Vector256.Load(read + j), Vector256.Load(carry + j));
                d = Vector256.MultiplyAddEstimate(byQuery, Vector256.Load(query + j), d);
                Vector256<float> gn = Vector256.Load(n + j), gr = Vector256.Load(r + j), gz = Vector256.Load(z + j);
                Vector256<float> dn = d * (one - gz) * (one - gn * gn);
                (d * (Vector256.Load(before + j) - gn) * gz * (one - gz)).Store(z + j);
                (dn * Vector256.Load(m + j) * gr * (one - gr)).Store(r + j);
                dn.Store(n + j);
                (dn * gr).Store(m + j);
                (d * gz).Store(carry + j);
            }
            gates += 4 * hidden;
            before += hidden;
            carry += hidden;
            read += flow.ReadRow;
            query += hidden;
            weight += flow.WeightRow;
            score += flow.WeightRow;
        }
    }
}

/// <summary>
/// What attention sends back to the states: gradients of the read [row, unit] and of the scores [row, step], with the weights
/// [row, step] and queries [row, unit] of the forward pass.
/// </summary>
readonly unsafe ref struct AttentionFlow
{
    public required float* Read { get; init; }

    public required nint ReadRow { get; init; }

    public required float* Query { get; init; }

    public required float* Weights { get; init; }

    public required float* Scores { get; init; }

    public required nint WeightRow { get; init; }
}
