namespace StreamForecaster.Worker.Configuration;

/// <summary>What a process does.</summary>
public enum Role
{
    /// <summary>Reads metrics, forecasts, scores, publishes.</summary>
    Forecast,

    /// <summary>Trains models: of its own lanes, or of the groups that the samples topic gives it.</summary>
    Train,

    /// <summary>Writes topics anew, keyed by placement.</summary>
    Repartition,
}
