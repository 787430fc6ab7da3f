using System.Text;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Tests.Publishing;

/// <summary>Batches as lanes make them.</summary>
static class Batches
{
    public static readonly LaneId Lane = new("metrics", 0);

    /// <summary>A batch of whole lines that waits for one acknowledgement.</summary>
    public static ResultBatch Of(long upToOffset, params string[] lines) => Of(Lane, upToOffset, lines);

    public static ResultBatch Of(LaneId lane, long upToOffset, params string[] lines)
    {
        ResultBatch batch = new() { Lane = lane, FromOffset = upToOffset - 1, UpToOffset = upToOffset, LineCount = lines.Length };
        foreach (string line in lines)
        {
            batch.Lines.Append(Encoding.UTF8.GetBytes(line + "\n"));
        }

        batch.Await(1);
        return batch;
    }

    /// <summary>A batch of forecast lines: one series, points a second apart from <paramref name="second"/> on.</summary>
    public static ResultBatch Forecasts(string series, long second, int count)
    {
        string[] lines = new string[count];
        for (int i = 0; i < count; i++)
        {
            lines[i] = $"forecast,horizon=1,series={series} yhat={second + i}.5 {second + i}000000000";
        }

        return Of(second + count, lines);
    }

    /// <summary>Completes when the batch is acknowledged.</summary>
    public static Task AcknowledgedAsync(this ResultBatch batch)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        batch.Acknowledged = _ => done.TrySetResult();
        return done.Task;
    }
}
