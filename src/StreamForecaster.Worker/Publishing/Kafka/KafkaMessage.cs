namespace StreamForecaster.Worker.Publishing.Kafka;

/// <summary>One message to be produced; the key is null where it has none.</summary>
readonly record struct KafkaMessage(string Topic, byte[]? Key, byte[] Value);
