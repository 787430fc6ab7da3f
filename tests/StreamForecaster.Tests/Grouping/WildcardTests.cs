using StreamForecaster.Grouping;

namespace StreamForecaster.Tests.Grouping;

public sealed class WildcardTests
{
    [Theory]
    [InlineData("cpu.*", "cpu.usage_idle", true)]
    [InlineData("cpu.usage_?dle", "cpu.usage_idle", true)]
    [InlineData("*idle*", "cpu.usage_idle{host=a}", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("cpu", "cpu.usage_idle", false)]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("a?", "a", false)]
    public void Matches_Pattern_AsExpected(string pattern, string text, bool expected) =>
        Assert.Equal(expected, Wildcard.Matches(pattern, text));
}
