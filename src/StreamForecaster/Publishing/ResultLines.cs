namespace StreamForecaster.Publishing;

/// <summary>
/// Results as line protocol in nanoseconds, each line ending in a line feed. What changes over time is a field, so that a
/// replay overwrites. A value that is not finite is left out; without its first value a line is not written.
/// </summary>
public static class ResultLines
{
    /// <summary>Appends a point of measurement <c>forecast</c>.</summary>
    /// <param name="to">Takes the line.</param>
    /// <param name="series">The series' labels.</param>
    /// <param name="horizon">Steps ahead, from 1.</param>
    /// <param name="timeNs">The start of the step that is forecast, Unix ns.</param>
    /// <param name="yhat">The forecast, in the data's unit.</param>
    /// <param name="lower">The band's lower end.</param>
    /// <param name="upper">The band's upper end.</param>
    /// <param name="model">The model's name, UTF-8.</param>
    /// <param name="version">The model's version.</param>
    /// <param name="expert">The heaviest expert's name, UTF-8.</param>
    /// <returns>False where <paramref name="yhat"/> is not finite: nothing is written.</returns>
    public static bool AppendForecast(
        ByteBuffer to,
        SeriesLabels series,
        int horizon,
        long timeNs,
        double yhat,
        double lower,
        double upper,
        ReadOnlySpan<byte> model,
        long version,
        ReadOnlySpan<byte> expert)
    {
        if (!double.IsFinite(yhat))
        {
            return false;
        }

        to.Append("forecast"u8);
        to.Append(series.BeforeHorizon);
        to.Append(",horizon="u8);
        to.AppendLong(horizon);
        to.Append(series.AfterHorizon);
        to.Append(" yhat="u8);
        to.AppendDouble(yhat);
        AppendField(to, ",yhat_lower="u8, lower);
        AppendField(to, ",yhat_upper="u8, upper);
        to.Append(",model="u8);
        to.AppendText(model);
        to.Append(",version="u8);
        to.AppendLong(version);
        to.Append("i,expert="u8);
        to.AppendText(expert);
        AppendTime(to, timeNs);
        return true;
    }

    /// <summary>Appends a point of measurement <c>anomaly</c>.</summary>
    /// <param name="to">Takes the line.</param>
    /// <param name="series">The series' labels.</param>
    /// <param name="timeNs">The start of the step, Unix ns.</param>
    /// <param name="y">The step's value; NaN where it has none.</param>
    /// <param name="yhat">What was forecast for it; NaN where nothing was.</param>
    /// <param name="score">The anomaly score, [0, 1]; always written, 0 where it is not finite.</param>
    /// <param name="pValue">The p-value, (0, 1]; NaN while there is none.</param>
    /// <param name="isAnomaly">Whether the step is marked.</param>
    public static void AppendAnomaly(
        ByteBuffer to,
        SeriesLabels series,
        long timeNs,
        double y,
        double yhat,
        double score,
        double pValue,
        bool isAnomaly)
    {
        to.Append("anomaly"u8);
        to.Append(series.BeforeHorizon);
        to.Append(series.AfterHorizon);
        to.Append(" anomaly_score="u8);
        to.AppendDouble(double.IsFinite(score) ? score : 0);
        AppendField(to, ",y="u8, y);
        AppendField(to, ",yhat="u8, yhat);
        AppendField(to, ",p_value="u8, pValue);
        to.Append(isAnomaly ? ",is_anomaly=true"u8 : ",is_anomaly=false"u8);
        AppendTime(to, timeNs);
    }

    /// <summary>Appends a point of measurement <c>anomaly_event</c>.</summary>
    public static void AppendEvent(ByteBuffer to, SeriesLabels series, in AnomalyEvent occurrence)
    {
        to.Append("anomaly_event"u8);
        to.Append(series.BeforeHorizon);
        to.Append(series.AfterHorizon);
        to.Append(" end_time="u8);
        to.AppendLong(occurrence.EndMs);
        to.Append("i"u8);
        AppendField(to, ",peak="u8, occurrence.Peak);
        to.Append(",severity="u8);
        to.AppendText(occurrence.Severity);
        to.Append(",text="u8);
        to.AppendText(occurrence.Text);
        to.Append(",tags="u8);
        to.AppendText(occurrence.Tags);
        AppendTime(to, occurrence.StartNs);
    }

    static void AppendField(ByteBuffer to, ReadOnlySpan<byte> opening, double value)
    {
        if (double.IsFinite(value))
        {
            to.Append(opening);
            to.AppendDouble(value);
        }
    }

    static void AppendTime(ByteBuffer to, long timeNs)
    {
        to.Append((byte)' ');
        to.AppendLong(timeNs);
        to.Append((byte)'\n');
    }
}
