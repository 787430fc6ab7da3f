namespace StreamForecaster.SystemTests.Faults;

/// <summary>Which long forms run is what was asked for, and nothing else.</summary>
public sealed class LongRunTests
{
    [Theory]
    [InlineData(null, "")]
    [InlineData("", "")]
    [InlineData("kill disk-full", "kill disk-full")]
    [InlineData("all", "kill faults kafka outage disk-full rebalance soak fuzz")]
    public void Asked_KnownNames_AreThese(string? variable, string names) => Assert.Equal(names, string.Join(' ', LongRun.Asked(variable)));

    [Fact]
    public void Asked_AnUnknownName_IsOneLineWithWhatIsAllowed()
    {
        var thrown = Assert.Throws<InvalidOperationException>(() => LongRun.Asked("kill everything"));
        Assert.Equal(
            "STREAMFORECASTER_LONG_TESTS: no long test is named 'everything'; allowed: all, kill, faults, kafka, outage, disk-full, rebalance, soak, fuzz",
            thrown.Message);
    }

    [Fact]
    public void TestScript_KnowsTheSameNames() => Assert.Contains(
        $"long_names=\"{string.Join(' ', LongRun.Names)}\"", File.ReadAllText(Path.Combine(Checkout.Root, "test.sh")), StringComparison.Ordinal);
}
