using Confluent.Kafka;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Training;

/// <summary>
/// The lanes' side of training across processes: samples go into the topic, and champions come from the model store, which the processes share. A
/// lane never waits for it: what the client's queue does not take is dropped and counted.
/// </summary>
/// <param name="kafka">The cluster.</param>
/// <param name="topic">The samples topic.</param>
/// <param name="follower">Looks at the store and announces its champions; it trains nothing.</param>
/// <param name="trainer">Trains what the topic gives to this process, for the page; null where it does not train.</param>
sealed class SampleTopicTraining(KafkaOptions kafka, string topic, Trainer follower, Trainer? trainer) : ITraining, IDisposable
{
    readonly IProducer<string, byte[]> _producer =
        new ProducerBuilder<string, byte[]>(KafkaClient.ForProducer(kafka)).SetErrorHandler(static (_, _) => { }).Build();

    long _dropped;

    /// <inheritdoc/>
    public Action<Champion>? ChampionReady
    {
        get => follower.ChampionReady;
        set => follower.ChampionReady = value;
    }

    /// <summary>Samples that the client's queue did not take.</summary>
    public long Dropped => Volatile.Read(ref _dropped);

    /// <inheritdoc/>
    public IReadOnlyList<LearningStatus> Statuses =>
        [.. (trainer?.Statuses ?? []).Concat(follower.Statuses).DistinctBy(static status => status.Group, StringComparer.Ordinal)];

    /// <inheritdoc/>
    public double? CpuShare => (trainer ?? follower).CpuShare;

    /// <inheritdoc/>
    public IGroupTraining Join(int lane, string group, ModelSpec spec, LearnOptions options)
    {
        follower.Join(lane, group, spec, options with { Training = TrainingMode.Off });
        return new GroupEntry(this, group, options.SamplesPerStep);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _producer.Flush(TimeSpan.FromSeconds(2));
        _producer.Dispose();
    }

    // The key decides the partition, and that who trains the group.
    void Send(string group, ByteBuffer message)
    {
        try
        {
            _producer.Produce(topic, new() { Key = group, Value = message.Written.ToArray() });
        }
        catch (ProduceException<string, byte[]>)
        {
            Interlocked.Increment(ref _dropped);
        }

        message.Clear();
    }

    sealed class GroupEntry(SampleTopicTraining owner, string group, int samplesPerStep) : IGroupTraining
    {
        readonly ByteBuffer _message = new();

        public bool Wants(ulong series, long knownNs, int seriesInGroup) => SampleThinning.Keep(series, knownNs, seriesInGroup, samplesPerStep);

        public void Offer(in SampleInfo info, ReadOnlySpan<float> inputs, ReadOnlySpan<float> known, ReadOnlySpan<float> targets)
        {
            SampleMessage.WriteSample(_message, group, info, inputs, known, targets);
            owner.Send(group, _message);
        }

        public void Advance(long nowNs, long stepNs)
        {
            SampleMessage.WriteAdvance(_message, group, nowNs, stepNs);
            owner.Send(group, _message);
        }
    }
}
