namespace StreamForecaster.Worker.Live;

/// <summary>What the health checks ask. Each answers the troubles in one line each; none means all is well.</summary>
/// <param name="Alive">Whether the process should live on (a lane that makes no progress, where told to end then).</param>
/// <param name="Ready">Whether it does its work: partitions assigned and recovered, sinks with room.</param>
public sealed record LiveChecks(Func<IReadOnlyList<string>> Alive, Func<IReadOnlyList<string>> Ready);
