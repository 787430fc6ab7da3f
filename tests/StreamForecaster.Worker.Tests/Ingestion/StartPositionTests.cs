using System.ComponentModel.DataAnnotations;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.Worker.Tests.Ingestion;

public sealed class StartPositionTests
{
    static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-01-31T10:00:00Z", -7200)]
    [InlineData("2026-01-31 10:00:00", -7200)]
    [InlineData("2026-01-31T11:00:00+01:00", -7200)]
    [InlineData("-90s", -90)]
    [InlineData("-1.5h", -5400)]
    [InlineData("-7d", -604_800)]
    public void TryParse_TimeOrDuration_GivesTheTime(string text, double secondsFromNow)
    {
        Assert.True(StartPosition.TryParse(text, out StartPosition start));
        Assert.Equal(secondsFromNow, (start.TimeFrom(Now) - Now).TotalSeconds);
    }

    [Fact]
    public void TryParse_Word_IsTheEnd()
    {
        Assert.True(StartPosition.TryParse("earliest", out StartPosition earliest));
        Assert.True(StartPosition.TryParse("latest", out StartPosition latest));
        Assert.Equal(StartPosition.Earliest, earliest);
        Assert.Equal(StartPosition.Latest, latest);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("beginning")]
    [InlineData("-24")]
    [InlineData("--24h")]
    [InlineData("24h")]
    public void TryParse_AnythingElse_IsRefused(string? text) => Assert.False(StartPosition.TryParse(text, out _));

    [Fact]
    public void Validate_OptionsWithMistakes_NamesEach()
    {
        KafkaOptions options = new()
        {
            Start = "soon",
            Topics = [],
            Client = new Dictionary<string, string>(StringComparer.Ordinal) { ["enable.auto.commit"] = "true", ["security.protocol"] = "ssl" },
        };
        List<ValidationResult> mistakes = [.. options.Validate(new(options))];
        Validator.TryValidateObject(options, new(options), mistakes, validateAllProperties: true);

        Assert.Contains(mistakes, mistake => mistake.ErrorMessage!.Contains("'soon' is not a start position: allowed are"));
        Assert.Contains(mistakes, mistake => mistake.ErrorMessage!.Contains("'enable.auto.commit' cannot be set here"));
        Assert.Contains(mistakes, mistake => mistake.MemberNames.Contains("Topics"));
        Assert.DoesNotContain(mistakes, mistake => mistake.ErrorMessage!.Contains("security.protocol"));
    }
}
