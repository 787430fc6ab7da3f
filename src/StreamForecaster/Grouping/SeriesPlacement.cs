namespace StreamForecaster.Grouping;

/// <summary>How a topic's records are placed, and what becomes of a series in a second partition.</summary>
public enum SeriesPlacement
{
    /// <summary>Not known. A series that two partitions of one process have is told on the page and in the metrics; both go on by themselves.</summary>
    Watched,

    /// <summary>Keyed by the placement key, as the role <c>repartition</c> and Kafka's own clients do: a point that does not belong in its partition by that is a
    /// dead letter <c>not-keyed</c>. Records written while the topic had another number of partitions are, too.</summary>
    Keyed,
}
