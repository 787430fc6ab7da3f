using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Publishing.Disk;

namespace StreamForecaster.Worker.Publishing.Spooling;

/// <summary>When batches go to the spool, how they get there, and what is said of troubles.</summary>
public abstract partial class SpooledSink
{
    static readonly TimeSpan SpoolRetry = TimeSpan.FromSeconds(1);

    volatile string? _remoteTrouble;
    volatile string? _spoolTrouble;
    volatile string? _failure;
    long _troubleSince;
    long? _spoolFailedAt;

    bool MustSpool()
    {
        if (_spool is null
            || _pending.Count == 0
            || (_spoolFailedAt is { } failed && _time.GetElapsedTime(failed) < SpoolRetry))
        {
            return false;
        }

        bool troubled = _remoteTrouble is not null;
        return _queue.Bytes >= _limits.QueueBytes / 2
            || (troubled && (_queue.Flushing || _time.GetElapsedTime(Volatile.Read(ref _troubleSince)) >= _spoolOptions.After));
    }

    /// <summary>Brings the pending batches that fit into the spool and acknowledges them; false, and nothing done, where fewer than
    /// <paramref name="atLeast"/> fit or the disk refuses.</summary>
    bool SpoolPending(int atLeast)
    {
        if (_spool is null)
        {
            return false;
        }

        long bytes = 0;
        int count = 0;
        foreach (QueuedBatch queued in _pending)
        {
            bytes += queued.Bytes;
            if (!_spool.HasRoomFor(bytes))
            {
                break;
            }

            count++;
        }

        if (count == 0 || count < atLeast)
        {
            SetSpoolTrouble(_pending.Count > 0 ? $"spool full ({_spool.Bytes} bytes): {_remoteTrouble}" : null);
            return false;
        }

        try
        {
            foreach (QueuedBatch queued in _pending.Take(count))
            {
                ReadOnlySpan<byte> part = Part(queued.Batch).Written;
                if (!part.IsEmpty)
                {
                    _spool.Append(part, part.Count((byte)'\n'));
                }
            }

            _spool.Sync();
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            _spoolFailedAt = _time.GetTimestamp();
            TakeBack();
            SetSpoolTrouble(DiskTrouble.Describe(error, _spoolOptions.Directory));
            return false;
        }

        _spoolFailedAt = null;
        SetSpoolTrouble(null);
        AcknowledgeFirst(count);
        return true;
    }

    void TakeBack()
    {
        try
        {
            _spool!.TakeBack();
        }
        catch (Exception error) when (DiskTrouble.Is(error))
        {
            // What could not be cut off fails its checksum, or is sent twice: both harmless.
        }
    }

    /// <summary>A delivery failed and is tried again after a while.</summary>
    private protected void OnTrouble(string reason, TimeSpan delay)
    {
        Metrics.Retried();
        if (_remoteTrouble is null)
        {
            Volatile.Write(ref _troubleSince, _time.GetTimestamp());
        }

        if (!string.Equals(_remoteTrouble, reason, StringComparison.Ordinal))
        {
            LogTrouble(Name, reason, delay.TotalSeconds);
        }

        _remoteTrouble = reason;
    }

    // A request is through: what is on disk or in memory goes on its way, so a full spool is no trouble any more.
    void Recovered()
    {
        SetSpoolTrouble(null);
        if (_remoteTrouble is not null)
        {
            _remoteTrouble = null;
            LogRecovered(Name);
        }
    }

    void SetSpoolTrouble(string? trouble)
    {
        if (trouble is not null && _spoolTrouble is null)
        {
            LogSpoolTrouble(Name, trouble);
        }

        _spoolTrouble = trouble;
    }

    [LoggerMessage(410, LogLevel.Error, "{Sink}: {Reason}; results are kept, next attempt in {Seconds:0.0} s")]
    partial void LogTrouble(string sink, string reason, double seconds);

    [LoggerMessage(411, LogLevel.Information, "{Sink}: takes results again")]
    partial void LogRecovered(string sink);

    [LoggerMessage(412, LogLevel.Warning, "{Sink}: refused lines: {Reason}")]
    private protected partial void LogRefused(string sink, string reason);

    [LoggerMessage(413, LogLevel.Warning, "{Sink}: results wait in the spool now: {Reason}")]
    partial void LogSpooling(string sink, string reason);

    [LoggerMessage(414, LogLevel.Information, "{Sink}: the spool is empty again")]
    partial void LogDrained(string sink);

    [LoggerMessage(415, LogLevel.Error, "{Sink}: {Trouble}; the partitions pause when the queue is full")]
    partial void LogSpoolTrouble(string sink, string trouble);

    [LoggerMessage(416, LogLevel.Error, "{Sink}: spool file damaged: {Damage}")]
    partial void LogDamage(string sink, string damage);

    [LoggerMessage(417, LogLevel.Critical, "{Sink}: stopped")]
    partial void LogFailure(string sink, Exception error);
}
