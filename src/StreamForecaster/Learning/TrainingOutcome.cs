using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>A judged training.</summary>
/// <param name="Group">The series group.</param>
/// <param name="Version">The challenger's version: the number of the training. It grows, with holes where challengers failed.</param>
/// <param name="AtNs">Group time of the training, Unix nanoseconds: the first moment whose data it did not see.</param>
/// <param name="Challenger">The challenger; it belongs to the receiver's side only if it passed.</param>
/// <param name="Verdict">The gate's decision.</param>
public sealed record TrainingOutcome(string Group, long Version, long AtNs, Forecaster Challenger, Verdict Verdict);
