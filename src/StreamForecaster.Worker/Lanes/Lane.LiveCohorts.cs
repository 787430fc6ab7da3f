using StreamForecaster.Worker.Live;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What the page is told of cohorts: series of their own, whose value is the members' mean rarity in decades.</summary>
sealed partial class Lane
{
    const string CohortGroup = "cohort";

    IEnumerable<SeriesSummary> ListCohorts(string? filter, int limit) => _cohorts.All
        .Where(cohort => cohort.History is { Held: > 0 } && (filter is null || cohort.Labels.Display.Contains(filter, StringComparison.OrdinalIgnoreCase)))
        .OrderByDescending(static cohort => cohort.History![0].Score.Score)
        .Take(limit)
        .Select(Summarise);

    SeriesDetail? ShowCohort(string display) => _cohorts.All
        .Where(cohort => cohort.History is { Held: > 0 } && string.Equals(cohort.Labels.Display, display, StringComparison.Ordinal))
        .Select(Detail)
        .FirstOrDefault();

    SeriesSummary Summarise(Cohort cohort)
    {
        CohortStep last = cohort.History![0];
        IEnumerable<double?> line = Oldest(cohort).TakeLast(SparklineSteps).Select(static step => (double?)step.Mean);
        return new(cohort.Labels.Display, CohortGroup, Status(cohort), last.Score.Score, last.Score.IsAnomaly, last.Mean, Forecast: null, Expert: "", [.. line]);
    }

    SeriesDetail Detail(Cohort cohort)
    {
        List<CohortStep> steps = [.. Oldest(cohort)];
        return new(
            cohort.Labels.Display, CohortGroup, Status(cohort), cohort.StepNs / 1e9,
            [.. steps.Select(static step => step.Time.UnixNs / 1e9)], [.. steps.Select(static step => (double?)step.Mean)],
            [.. steps.Select(static step => step.Score.Score)], [.. steps.Select(static step => step.Score.IsAnomaly)],
            Ahead: [], Model: "", Expert: "", Attention: []);
    }

    static string Status(Cohort cohort) => $"{cohort.History![0].Members} series";

    static IEnumerable<CohortStep> Oldest(Cohort cohort)
    {
        for (int back = cohort.History!.Held - 1; back >= 0; back--)
        {
            yield return cohort.History[back];
        }
    }
}
