namespace StreamForecaster.Publishing;

/// <summary>
/// The results of <see cref="ResultLines"/> as messages, <c>kind TAB key TAB json LF</c>: kind <c>f</c>, <c>a</c> or <c>e</c>, the key is the
/// series. Values that are not finite are left out.
/// </summary>
public static class ResultMessages
{
    /// <summary>Appends a forecast; see <see cref="ResultLines.AppendForecast"/>.</summary>
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

        Open(to, "f\t"u8, series, timeNs);
        to.Append(",\"horizon\":"u8);
        to.AppendLong(horizon);
        AppendField(to, ",\"yhat\":"u8, yhat);
        AppendField(to, ",\"yhat_lower\":"u8, lower);
        AppendField(to, ",\"yhat_upper\":"u8, upper);
        to.Append(",\"model\":"u8);
        to.AppendText(model);
        to.Append(",\"version\":"u8);
        to.AppendLong(version);
        to.Append(",\"expert\":"u8);
        to.AppendText(expert);
        to.Append("}\n"u8);
        return true;
    }

    /// <summary>Appends an anomaly score; see <see cref="ResultLines.AppendAnomaly"/>.</summary>
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
        Open(to, "a\t"u8, series, timeNs);
        AppendField(to, ",\"anomaly_score\":"u8, double.IsFinite(score) ? score : 0);
        AppendField(to, ",\"y\":"u8, y);
        AppendField(to, ",\"yhat\":"u8, yhat);
        AppendField(to, ",\"p_value\":"u8, pValue);
        to.Append(isAnomaly ? ",\"is_anomaly\":true}\n"u8 : ",\"is_anomaly\":false}\n"u8);
    }

    /// <summary>Appends an event; see <see cref="ResultLines.AppendEvent"/>.</summary>
    public static void AppendEvent(ByteBuffer to, SeriesLabels series, in AnomalyEvent occurrence)
    {
        Open(to, "e\t"u8, series, occurrence.StartNs);
        to.Append(",\"end_time\":"u8);
        to.AppendLong(occurrence.EndMs);
        AppendField(to, ",\"peak\":"u8, occurrence.Peak);
        to.Append(",\"severity\":"u8);
        to.AppendText(occurrence.Severity);
        to.Append(",\"text\":"u8);
        to.AppendText(occurrence.Text);
        to.Append(",\"tags\":"u8);
        to.AppendText(occurrence.Tags);
        to.Append("}\n"u8);
    }

    static void Open(ByteBuffer to, ReadOnlySpan<byte> kind, SeriesLabels series, long timeNs)
    {
        to.Append(kind);
        to.Append(series.Series);
        to.Append((byte)'\t');
        to.Append(series.JsonOpening);
        to.Append(",\"time\":"u8);
        to.AppendLong(timeNs);
    }

    static void AppendField(ByteBuffer to, ReadOnlySpan<byte> opening, double value)
    {
        if (double.IsFinite(value))
        {
            to.Append(opening);
            to.AppendDouble(value);
        }
    }
}
