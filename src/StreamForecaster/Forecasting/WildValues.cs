namespace StreamForecaster.Forecasting;

/// <summary>
/// Values that are not believed at first: a hundred thousand times as far from the last one as the series ever went and is large.
/// A unit mixed up or a broken sensor looks so, and to learn from it would cost what was learned before. Where it lasts for over an
/// hour it is what the series is now. Each such run makes the next one easier to believe.
/// </summary>
static class WildValues
{
    const double LargestLeap = 1e5;

    /// <summary>A series that does this again and again is a series that does this.</summary>
    const double Lesson = 10;

    const int SecondsMax = 3_900;
    const int StepsMin = 64;
    const int WarmUp = 30;

    /// <summary>Whether a value is wild, and has not been so for long enough to be believed.</summary>
    public static bool IsToWait(in MixtureHeader header, double value, int stepSeconds) =>
        IsWild(header, value) && header.Wild < Math.Max(StepsMin, SecondsMax / stepSeconds);

    /// <summary>Takes a value in; false where it is not to be learned from.</summary>
    public static bool Observe(ref MixtureHeader header, double value, int stepSeconds)
    {
        if (IsToWait(header, value, stepSeconds))
        {
            header.Wild++;
            return false;
        }

        if (header.Wild > 0)
        {
            header.LargestChange = IsWild(header, value) ? Distance(header, value) : Lesson * header.LargestChange;
            header.Wild = 0;
        }

        return true;
    }

    // A series of zeros has shown nothing that a value could be held against.
    static bool IsWild(in MixtureHeader header, double value) =>
        header.Seen > WarmUp
        && Math.Max(header.LargestChange, Math.Abs(header.Last)) is > 0 and var reach
        && Distance(header, value) > LargestLeap * reach;

    static double Distance(in MixtureHeader header, double value) => Math.Abs((value / header.Unit) - header.Last);
}
