using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Tests.Configuration;

public sealed class DurationTests
{
    [Theory]
    [InlineData("250ms", 250)]
    [InlineData("30s", 30_000)]
    [InlineData("1.5m", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("2d", 172_800_000)]
    [InlineData("0s", 0)]
    public void TryParse_NumberAndUnit_IsRead(string text, double milliseconds)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10")]
    [InlineData("10 s")]
    [InlineData("1e3s")]
    [InlineData("99999999999999999999d")]
    [InlineData("00:00:30")]
    public void TryParse_AnythingElse_IsRefused(string text) => Assert.False(Duration.TryParse(text, out _));

    [Theory]
    [InlineData("250ms")]
    [InlineData("90s")]
    [InlineData("5m")]
    [InlineData("36h")]
    [InlineData("7d")]
    [InlineData("0s")]
    public void Format_WhatWasRead_IsTheSame(string text)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(text, Duration.Format(duration));
    }
}
