using StreamForecaster.Models.Graphs;

namespace StreamForecaster.Models.Heads;

/// <summary>In which round each row of a batch came to rest.</summary>
sealed class Settling(int rows, double tolerance)
{
    public double Tolerance => tolerance;

    /// <summary>The first round of a row that is no longer run.</summary>
    public int[] RestsFrom { get; } = new int[rows];
}

/// <summary>One refine round's end, row by row: a row at rest keeps its state; one that moved by no more than the tolerance rests from the next round on.</summary>
sealed class Settle(Settling settling, int round, Tensor before, Tensor moved, Tensor kept) : Op
{
    public override void Forward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            if (round == 0) settling.RestsFrom[row] = int.MaxValue;
            ReadOnlySpan<float> from = before.Row(row), to = moved.Row(row);
            (IsResting(row) ? from : to).CopyTo(kept.Row(row));
            if (!IsResting(row) && LargestMove(from, to) <= settling.Tolerance) settling.RestsFrom[row] = round + 1;
        }
    }

    public override void Backward(int rows)
    {
        for (int row = 0; row < rows; row++)
        {
            Span<float> to = (IsResting(row) ? before : moved).GradientRow(row), d = kept.GradientRow(row);
            for (int j = 0; j < d.Length; j++) to[j] += d[j];
        }
    }

    bool IsResting(int row) => round >= settling.RestsFrom[row];

    static float LargestMove(ReadOnlySpan<float> from, ReadOnlySpan<float> to)
    {
        float most = 0;
        for (int j = 0; j < from.Length; j++) most = MathF.Max(most, MathF.Abs(to[j] - from[j]));
        return most;
    }
}
