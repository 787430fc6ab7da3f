using System.Diagnostics;

namespace StreamForecaster.SystemTests;

/// <summary>Waits for a condition of the world outside, with a ceiling of 60 s.</summary>
static class Wait
{
    internal static Task UntilAsync(Func<bool> condition, Func<string> otherwise) => UntilAsync(() => Task.FromResult(condition()), otherwise);

    internal static async Task UntilAsync(Func<Task<bool>> condition, Func<string> otherwise)
    {
        long start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > 60)
            {
                Assert.Fail($"not within 60 s: {otherwise()}");
            }

            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
