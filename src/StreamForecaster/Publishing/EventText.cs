using System.Globalization;
using System.Text;
using StreamForecaster.Scoring;

namespace StreamForecaster.Publishing;

/// <summary>
/// The sentence of an event, a function of the event alone: which series, by which evidence, how far the peak was from its forecast and where
/// that had looked. UTF-8, at most <see cref="BytesMax"/> bytes, without allocation.
/// </summary>
public static class EventText
{
    /// <summary>The longest sentence.</summary>
    public const int BytesMax = 1024;

    /// <summary>A longer name of a series is cut.</summary>
    public const int NameBytesMax = 160;

    static readonly (long Seconds, string Unit)[] Units = [(86_400, " d"), (3600, " h"), (60, " min"), (1, " s")];

    /// <summary>Appends the sentence of an event of one series.</summary>
    /// <param name="to">Takes the text, not escaped.</param>
    /// <param name="series">The series.</param>
    /// <param name="happened">The event.</param>
    /// <param name="stepSeconds">The series' step.</param>
    public static void Append(ByteBuffer to, SeriesLabels series, in Scoring.AnomalyEvent happened, long stepSeconds)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(series);
        AppendName(to, series.Series);
        to.Append(": "u8);
        to.Append(EventWords.Evidence(happened.Strongest));
        if (happened.Second != EvidenceKind.None)
        {
            to.Append(" and "u8);
            to.Append(EventWords.Evidence(happened.Second));
        }

        AppendMarks(to, happened.Marks);
        if (happened.Strongest != EvidenceKind.MissingData)
        {
            AppendPeak(to, happened.Explanation);
            AppendLags(to, happened.Explanation.Lags, stepSeconds);
        }
    }

    /// <summary>Appends the sentence of an event of a cohort.</summary>
    /// <param name="to">Takes the text, not escaped.</param>
    /// <param name="cohort">The cohort's own series.</param>
    /// <param name="happened">The event.</param>
    /// <param name="members">Members at its peak.</param>
    /// <param name="most">The members that weighed most at its peak.</param>
    public static void Append(ByteBuffer to, SeriesLabels cohort, in Scoring.AnomalyEvent happened, long members, in Contributors most)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(cohort);
        AppendName(to, cohort.Series);
        to.Append(": "u8);
        to.Append(EventWords.Evidence(happened.Strongest));
        AppendMarks(to, happened.Marks);
        to.Append("; most of "u8);
        to.AppendLong(members);
        to.Append(" series at the peak"u8);
        for (int i = 0; i < most.Count; i++)
        {
            to.Append(i == 0 ? ": "u8 : ", "u8);
            AppendName(to, most[i].Name.Span);
            to.Append(" ("u8);
            to.Append(EventWords.Evidence(most[i].Strongest));
            to.Append((byte)')');
        }
    }

    static void AppendName(ByteBuffer to, ReadOnlySpan<byte> name)
    {
        int end = Cut(name);
        to.Append(name[..end]);
        to.Append(end < name.Length ? "…"u8 : ""u8);
    }

    // The length that is kept; no character is cut in two.
    static int Cut(ReadOnlySpan<byte> name)
    {
        if (name.Length <= NameBytesMax)
        {
            return name.Length;
        }

        int end = NameBytesMax;
        while ((name[end] & 0xC0) == 0x80)
        {
            end--;
        }

        return end;
    }

    static void AppendMarks(ByteBuffer to, int marks)
    {
        to.Append(", "u8);
        to.AppendLong(marks);
        to.Append(marks == 1 ? " anomalous step"u8 : " anomalous steps"u8);
    }

    static void AppendPeak(ByteBuffer to, in StepExplanation peak)
    {
        to.Append("; at the peak "u8);
        AppendRounded(to, peak.Value);
        if (peak.HasForecast)
        {
            double residual = peak.Value - peak.Forecast.Yhat;
            to.Append(", "u8);
            AppendRounded(to, Math.Abs(residual));
            to.Append(residual < 0 ? " below the forecast "u8 : " above the forecast "u8);
            AppendRounded(to, peak.Forecast.Yhat);
            to.Append(" (band "u8);
            AppendRounded(to, peak.Forecast.Lower);
            to.Append(" to "u8);
            AppendRounded(to, peak.Forecast.Upper);
            to.Append((byte)')');
        }
    }

    static void AppendLags(ByteBuffer to, in LargestLags lags, long stepSeconds)
    {
        for (int i = 0; i < lags.Count; i++)
        {
            (int steps, double weight) = lags[i];
            to.Append(i == 0 ? "; the model had looked most at "u8 : ", "u8);
            to.AppendLong(steps);
            to.Append(steps == 1 ? " step ("u8 : " steps ("u8);
            AppendDuration(to, steps * stepSeconds);
            to.Append(") back by "u8);
            to.AppendLong((long)Math.Round(100 * weight));
            to.Append(" %"u8);
        }
    }

    // In the largest unit that leaves no rest.
    static void AppendDuration(ByteBuffer to, long seconds)
    {
        foreach ((long unit, string name) in Units)
        {
            if (seconds % unit == 0)
            {
                to.AppendLong(seconds / unit);
                to.Advance(Encoding.UTF8.GetBytes(name, to.GetSpan(name.Length)));
                return;
            }
        }
    }

    static void AppendRounded(ByteBuffer to, double value)
    {
        value.TryFormat(to.GetSpan(32), out int written, "G4", CultureInfo.InvariantCulture);
        to.Advance(written);
    }
}
