using System.Globalization;
using System.Text;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.Ingestion;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Lanes;

/// <summary>A lane driven by hand: these records in, those lines out.</summary>
sealed class LaneRun : IDisposable
{
    public static readonly LaneId Id = new("metrics", 0);

    readonly StringBuilder _lines = new();
    readonly StringBuilder _deadLetters = new();

    public LaneRun(LaneSettings settings, ITraining? training = null, LanePlacement? placement = null, SeriesPlaces? places = null) =>
        Lane = new(Id, settings, training ?? new NoTraining(), 0) { Placement = placement, Places = places };

    public Lane Lane { get; }

    public string Lines => _lines.ToString();

    public string DeadLetters => _deadLetters.ToString();

    /// <summary>The lines without regard to their order.</summary>
    public string[] SortedLines => [.. Lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];

    /// <summary>Feeds records, cut into batches of random size.</summary>
    public LaneRun Feed(IEnumerable<TestRecord> records, int cutSeed = 1, int batchMax = 50)
    {
        Random random = new(cutSeed);
        RecordBatch batch = new();
        int size = random.Next(1, batchMax + 1);
        foreach (TestRecord record in records)
        {
            batch.Add(record.Offset, record.TimestampMs, [], Encoding.UTF8.GetBytes(record.Payload));
            if (batch.Count >= size)
            {
                Flush(batch);
                size = random.Next(1, batchMax + 1);
            }
        }

        Flush(batch);
        return this;
    }

    public LaneRun Finish()
    {
        ResultBatch results = new();
        Lane.Finish(results);
        Keep(results);
        return this;
    }

    public LaneRun Apply(JournalEntry entry, Forecaster? model = null)
    {
        ResultBatch results = new();
        Lane.Apply(entry, model, results);
        Keep(results);
        return this;
    }

    public LaneRun ApplyDue()
    {
        ResultBatch results = new();
        Lane.ApplyDue(results);
        Keep(results);
        return this;
    }

    public void Dispose() => Lane.Dispose();

    void Flush(RecordBatch batch)
    {
        ResultBatch results = new();
        Lane.Process(batch, results);
        batch.Clear();
        Keep(results);
    }

    void Keep(ResultBatch results)
    {
        _lines.Append(Encoding.UTF8.GetString(results.Lines.Written));
        _deadLetters.Append(Encoding.UTF8.GetString(results.DeadLetters.Written));
    }
}

/// <summary>A record as the broker gives it.</summary>
sealed record TestRecord(long Offset, long TimestampMs, string Payload)
{
    const long StartSeconds = 1_700_000_000;

    /// <summary>Line protocol of one point; the record's timestamp is the point's.</summary>
    public static TestRecord Point(long offset, string series, double seconds, double value)
    {
        double time = StartSeconds + seconds;
        return new(offset, (long)(time * 1000),
            string.Create(CultureInfo.InvariantCulture, $"{series} value={value} {(long)(time * 1e9)}"));
    }

    /// <summary>A stream of several series with jitter, disorder, duplicates, gaps and late points; the same for a seed.</summary>
    public static List<TestRecord> Stream(int seed, int steps, int series)
    {
        Random random = new(seed);
        List<TestRecord> records = [];
        for (int step = 0; step < steps; step++)
        {
            for (int s = 0; s < series; s++)
            {
                double value = Math.Round((10 * Math.Sin((step + s) / 7.0)) + random.NextDouble() + (100 * s), 4);
                double late = random.Next(40) == 0 ? -random.Next(1, 12) : 0;
                TestRecord record = Point(records.Count, $"m,host=h{s}", step + (0.3 * random.NextDouble()) + late, value);
                if (random.Next(60) != 0)
                {
                    records.Add(record);
                }

                if (random.Next(50) == 0)
                {
                    records.Add(record with { Offset = records.Count });
                }
            }
        }

        return [.. records.Select((record, offset) => record with { Offset = offset })];
    }
}
