using StreamForecaster.State;
using StreamForecaster.Worker.Publishing.Spooling;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>
/// Writes results to an InfluxDB or whatever speaks its protocol. What is more than one request, as after an outage, goes out in several at once; a
/// series' lines keep their order, because an event's later line overwrites its earlier one.
/// </summary>
public sealed class InfluxSink : SpooledSink
{
    readonly InfluxOptions _options;
    readonly Courier[] _couriers;

    /// <summary>Starts the sink; lines refused for good go to <paramref name="deadLetters"/>.</summary>
    /// <exception cref="InvalidOperationException">The token cannot be had; the message is one line without it.</exception>
    /// <exception cref="IOException">The spool's folder cannot be opened.</exception>
    public InfluxSink(InfluxOptions options, SinkContext context, ISink? deadLetters)
        : base($"influx:{options.Name}", Limits(options), options.Spool, context)
    {
        _options = options;
        _couriers = new Courier[options.Requests];
        for (int i = 0; i < _couriers.Length; i++)
        {
            InfluxClient client = new(options, context.Time);
            InfluxDelivery delivery = new(
                options, client, InfluxRetry.Create(options, context.Time, context.Seed + i, OnTrouble), new(Name, deadLetters), Metrics,
                reason => LogRefused(Name, reason));
            _couriers[i] = new(client, delivery, new());
        }

        Start();
    }

    private protected override ByteBuffer Part(ResultBatch batch) => batch.Lines;

    private protected override Task DeliverAsync(LinePiece lines, CancellationToken stop)
    {
        if (lines.Count <= _options.RequestLines || _couriers.Length == 1)
        {
            return _couriers[0].Delivery.DeliverAsync(lines, stop);
        }

        int[] counts = Sort(lines.Lines.Span);
        return Task.WhenAll(_couriers.Select((courier, i) => Task.Run(() => courier.Delivery.DeliverAsync(new(courier.Lines.WrittenMemory, counts[i]), stop), stop)));
    }

    private protected override void DisposeClient()
    {
        foreach (Courier courier in _couriers)
        {
            courier.Client.Dispose();
        }
    }

    // What comes before a line's first space is of its series alone, so one courier has all lines of a series.
    int[] Sort(ReadOnlySpan<byte> lines)
    {
        int[] counts = new int[_couriers.Length];
        foreach (Courier courier in _couriers)
        {
            courier.Lines.Clear();
        }

        while (!lines.IsEmpty)
        {
            int end = lines.IndexOf((byte)'\n') + 1;
            int courier = (int)(KeyHash.Of(lines[..Math.Max(0, lines[..end].IndexOf((byte)' '))]) % (ulong)_couriers.Length);
            _couriers[courier].Lines.Append(lines[..end]);
            counts[courier]++;
            lines = lines[end..];
        }

        return counts;
    }

    static DeliveryLimits Limits(InfluxOptions options) => new(
        options.Requests * options.RequestLines, (int)Math.Min(int.MaxValue / 2, (long)options.Requests * options.RequestBytes), options.RequestLines,
        options.Linger, options.QueueBytes);

    readonly record struct Courier(InfluxClient Client, InfluxDelivery Delivery, ByteBuffer Lines);
}
