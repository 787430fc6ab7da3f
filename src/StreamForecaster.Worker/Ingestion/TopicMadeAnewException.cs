namespace StreamForecaster.Worker.Ingestion;

/// <summary>What is kept of a lane is of another topic of the same name: that one was deleted, and this one made since. Offsets of the one say nothing about the
/// other.</summary>
public sealed class TopicMadeAnewException(LaneId lane, string before, string now)
    : InvalidOperationException($"{lane}: the topic was made anew (its id is {now}, and was {before}); what is committed and kept is of the records before");
