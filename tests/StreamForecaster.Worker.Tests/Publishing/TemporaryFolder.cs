namespace StreamForecaster.Worker.Tests.Publishing;

/// <summary>A folder of its own that goes with the test.</summary>
sealed class TemporaryFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("streamforecaster-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
