namespace StreamForecaster.SystemTests;

/// <summary>Where this checkout lies, found from the running test's own place in it.</summary>
static class Checkout
{
    /// <summary>The folder with the solution file.</summary>
    internal static string Root { get; } = Find();

    static string Find()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamForecaster.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run outside of a checkout.");
    }
}
