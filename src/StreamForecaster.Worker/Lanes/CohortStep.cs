using StreamForecaster.Forecasting;
using StreamForecaster.Scoring;

namespace StreamForecaster.Worker.Lanes;

/// <summary>A scored step of a cohort, to be published after the step that ended it.</summary>
/// <param name="Closing">The place in the micro-batch of the member's step that ended it.</param>
/// <param name="Cohort">The cohort.</param>
/// <param name="Time">When it was.</param>
/// <param name="Members">The members that had closed it.</param>
/// <param name="Mean">The members' mean rarity, in decades.</param>
/// <param name="Score">The verdict.</param>
/// <param name="Event">What it did to the cohort's events.</param>
/// <param name="Peak">The peak of the event as it is now.</param>
/// <param name="PeakBefore">The peak of the event before, should it have ended.</param>
readonly record struct CohortStep(
    int Closing, Cohort Cohort, StepTime Time, long Members, double Mean, StepScore Score, EventChange Event, CohortPeak Peak, CohortPeak PeakBefore);
