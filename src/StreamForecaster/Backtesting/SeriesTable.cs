using StreamForecaster.Forecasting;

namespace StreamForecaster.Backtesting;

/// <summary>Several series on one clock, in memory.</summary>
/// <param name="Names">The series' names.</param>
/// <param name="Columns">[series][row]; not a number where a row has no value.</param>
/// <param name="Times">[row], evenly spaced.</param>
public sealed record SeriesTable(IReadOnlyList<string> Names, double[][] Columns, StepTime[] Times)
{
    /// <summary>Nanoseconds from one row to the next; there are at least two.</summary>
    public long StepNs => Times[1].UnixNs - Times[0].UnixNs;

    /// <summary>Rows.</summary>
    public int Rows => Times.Length;
}
