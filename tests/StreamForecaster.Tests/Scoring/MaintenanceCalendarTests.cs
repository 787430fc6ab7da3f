using System.Globalization;
using StreamForecaster.Forecasting;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class MaintenanceCalendarTests
{
    [Theory]
    [InlineData("2026-03-01T09:59:59Z", false)]
    [InlineData("2026-03-01T10:00:00Z", true)]
    [InlineData("2026-03-01T11:59:59Z", true)]
    [InlineData("2026-03-01T12:00:00Z", false)]
    public void IsMuted_SingleWindow_HoldsFromStartUntilEnd(string moment, bool muted)
    {
        var calendar = new MaintenanceCalendar(
            [new MaintenanceWindow { From = Moment("2026-03-01T10:00:00Z"), Until = Moment("2026-03-01T12:00:00Z") }]);

        Assert.Equal(muted, calendar.IsMuted(At(moment)));
    }

    [Theory]
    [InlineData("2026-03-01T21:59:59Z", false)] // a Sunday
    [InlineData("2026-03-01T22:00:00Z", true)]
    [InlineData("2026-03-02T01:59:59Z", true)]
    [InlineData("2026-03-02T02:00:00Z", false)]
    [InlineData("2026-03-02T23:00:00Z", false)]
    [InlineData("2026-03-03T01:00:00Z", false)]
    public void IsMuted_WeeklyWindow_ReachesIntoTheNextDay(string moment, bool muted)
    {
        var calendar = new MaintenanceCalendar(
            [new MaintenanceWindow { Days = [DayOfWeek.Sunday], Start = new TimeOnly(22, 0), Duration = TimeSpan.FromHours(4) }]);

        Assert.Equal(muted, calendar.IsMuted(At(moment)));
    }

    [Fact]
    public void IsMuted_WithoutWindows_IsNever() => Assert.False(new MaintenanceCalendar([]).IsMuted(Steps.At(0)));

    static DateTimeOffset Moment(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    static StepTime At(string text)
    {
        var moment = Moment(text);
        var seconds = moment.ToUnixTimeSeconds();
        return new StepTime(seconds * 1_000_000_000, (int)moment.TimeOfDay.TotalSeconds, (int)moment.DayOfWeek, seconds, 1);
    }
}
