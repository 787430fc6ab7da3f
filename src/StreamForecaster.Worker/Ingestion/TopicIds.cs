using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace StreamForecaster.Worker.Ingestion;

/// <summary>The ids of topics: one that was deleted and made anew has another. Asked for in the background, by a client of its own: a broker that does not know
/// its cluster's controller (the built-in one) lets one wait.</summary>
sealed class TopicIds : IDisposable
{
    // The question is asked before the group is joined, which takes longer than an answer.
    static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    // A cluster that has not told so often does not tell.
    const int AttemptsMax = 3;

    readonly IAdminClient _admin;
    readonly Dictionary<string, Task<string>> _asked = new(StringComparer.Ordinal);
    int _untold;

    /// <summary>Asks nothing yet.</summary>
    public TopicIds(KafkaOptions options) => _admin = new AdminClientBuilder(KafkaClient.ForProducer(options))
        .SetErrorHandler(static (_, _) => { }).SetLogHandler(static (_, _) => { }).Build();

    /// <summary>Asks for a topic's id, again where it has been asked for.</summary>
    public void Ask(string topic)
    {
        if (Volatile.Read(ref _untold) < AttemptsMax)
        {
            _asked[topic] = AskAsync(topic);
        }
    }

    /// <summary>The last answer, waited for a little; empty where there is none.</summary>
    public string Of(string topic)
    {
        if (!_asked.ContainsKey(topic))
        {
            Ask(topic);
        }

#pragma warning disable VSTHRD002 // The poll thread has nothing else to do before it knows.
        return _asked.TryGetValue(topic, out Task<string>? answer) && answer.Wait(Volatile.Read(ref _untold) > 0 ? TimeSpan.Zero : Patience) ? answer.GetAwaiter().GetResult() : "";
#pragma warning restore VSTHRD002
    }

    /// <summary>True where the last answer is there, or there will be none.</summary>
    public bool HasAnswered(string topic) => _asked.TryGetValue(topic, out Task<string>? answer) && answer.IsCompleted;

    /// <inheritdoc/>
    public void Dispose() => _admin.Dispose();

    async Task<string> AskAsync(string topic)
    {
        try
        {
            DescribeTopicsResult answer = await _admin.DescribeTopicsAsync(TopicCollection.OfTopicNames([topic]), new() { RequestTimeout = Limit }).ConfigureAwait(false);
            Uuid? id = answer.TopicDescriptions[0].TopicId;
            return id is null || (id.MostSignificantBits == 0 && id.LeastSignificantBits == 0) ? "" : id.ToString();
        }
        catch (DescribeTopicsException)
        {
            // It is not there, for now.
            return "";
        }
        catch (Exception unknown) when (unknown is KafkaException or ObjectDisposedException)
        {
            Interlocked.Increment(ref _untold);
            return "";
        }
    }
}
