namespace StreamForecaster.Worker.Tests.Publishing;

/// <summary>Waits for a condition, with a ceiling.</summary>
static class Poll
{
    public static async Task UntilAsync(Func<bool> condition, string what)
    {
        for (int i = 0; i < 6000; i++)
        {
            if (condition())
            {
                return;
            }

            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"after 60 s still not: {what}");
    }
}
