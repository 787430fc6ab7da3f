namespace StreamForecaster.Decoding;

/// <summary>Turns the bytes of one record into points. Pure; holds scratch, so one decoder serves one lane.</summary>
public interface IDecoder
{
    /// <summary>
    /// Appends the payload's points to <paramref name="points"/>. Never throws on bad input: each bad piece becomes an error
    /// there, and the good pieces around it pass.
    /// </summary>
    /// <param name="payload">The record's value.</param>
    /// <param name="recordTimestampNs">The record's own time (Unix ns), for points that carry none.</param>
    /// <param name="points">Takes points, errors and counts; not cleared first.</param>
    void Decode(ReadOnlySpan<byte> payload, long recordTimestampNs, PointBatch points);
}
