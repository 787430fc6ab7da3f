using StreamForecaster.Forecasting;
using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Lanes;

/// <summary>How the bands of a group in a lane have done lately, one step ahead: sums that forget. Written by the lane's thread alone;
/// read by any, each figure for itself. Not part of the state: no result depends on it.</summary>
/// <param name="level">The share of the points that the bands are to hold.</param>
sealed class BandTally(double level)
{
    // The mean of about so many of the newest bands.
    const double Memory = 10_000;

    // A series that has long stood still has a scale near zero: one of its bands must not be the group's mean.
    const double ScalesMax = 100;

    double _count;
    double _inside;
    double _width;
    double _score;

    /// <summary>Takes in a band and what came.</summary>
    /// <param name="band">The band.</param>
    /// <param name="actual">The value.</param>
    /// <param name="unit">The series' scale, so that series can be averaged; greater than zero.</param>
    public void Add(in HorizonBand band, double actual, double unit)
    {
        const double keep = 1 - (1 / Memory);
        _count = (keep * _count) + 1;
        _inside = (keep * _inside) + (actual >= band.Lower && actual <= band.Upper ? 1 : 0);
        _width = (keep * _width) + Math.Min((band.Upper - band.Lower) / unit, ScalesMax);
        _score = (keep * _score) + Math.Min(IntervalScore.Of(band.Lower, band.Upper, actual, level) / unit, ScalesMax);
    }

    /// <summary>The figures of several lanes' tallies of a group; null where none has seen a band.</summary>
    public static BandFigures? Of(IEnumerable<BandTally> tallies)
    {
        double count = 0, inside = 0, width = 0, score = 0;
        foreach (BandTally tally in tallies)
        {
            count += tally._count;
            inside += tally._inside;
            width += tally._width;
            score += tally._score;
        }

        return count > 0 ? new(inside / count, width / count, score / count) : null;
    }
}
