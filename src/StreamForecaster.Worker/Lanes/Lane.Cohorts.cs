using StreamForecaster.Publishing;
using StreamForecaster.Scoring;
using StreamForecaster.Windowing;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Lanes;

/// <summary>Series that are scored together. A member's rarity is added when it closes a step, and what that ends is published after the
/// member's own results: so where a micro-batch ends does not show.</summary>
sealed partial class Lane
{
    readonly CohortTable _cohorts;
    readonly List<CohortStep> _cohortSteps = [];

    void Join(in Closing closing, int place)
    {
        Series series = closing.Series;
        if (_cohorts.IsOff || series.IsAlone || CohortOf(series, closing.StepNs, closing.Step.Index) is not Cohort cohort
            || SeriesWindow.Head(series.Group.WindowOf(series)).Count < _settings.Score.WarmUp || closing.Step.Index < cohort.OpenIndex)
        {
            return;
        }

        if (closing.Step.Index > cohort.OpenIndex)
        {
            End(cohort, series.Key, place);
            cohort.Begin(closing.Step.Index);
        }

        cohort.Add(series.Labels!, closing.Score);
    }

    // A series is given its cohort once; one that finds no room stays alone.
    Cohort? CohortOf(Series series, long stepNs, long index)
    {
        if (series.Cohort is { IsEvicted: false } || series.HasNoCohort)
        {
            return series.Cohort;
        }

        byte[]? key = _cohorts.KeyOf(series.Key, stepNs);
        series.HasNoCohort = key is null;
        series.Cohort = key is null ? null : _cohorts.Of(key, stepNs, index);
        series.IsAlone = key is not null && series.Cohort is null;
        Counters.CohortsRefused += series.IsAlone ? 1 : 0;
        Counters.Cohorts = _cohorts.Count;
        return series.Cohort;
    }

    void End(Cohort cohort, ReadOnlySpan<byte> member, int place)
    {
        if (_cohorts.TryScore(cohort, member, place, out CohortStep step))
        {
            _cohortSteps.Add(step);
        }
    }

    // What the steps of the batch up to a place have ended.
    void PublishCohorts(int place, ref int next)
    {
        while (next < _cohortSteps.Count && _cohortSteps[next].Closing <= place)
        {
            CohortStep step = _cohortSteps[next++];
            if (_isPublishing)
            {
                Publish(in step);
            }
        }
    }

    // The end of a replay: no member will end these. The first step of all says nothing yet.
    void EndCohorts()
    {
        foreach (Cohort cohort in _cohorts.All.Where(static cohort => cohort.State.Length > 0))
        {
            End(cohort, member: [], place: 0);
            cohort.Begin(cohort.OpenIndex);
        }

        int next = 0;
        PublishCohorts(0, ref next);
        _cohortSteps.Clear();
    }

    void Publish(in CohortStep step)
    {
        SeriesLabels labels = step.Cohort.Labels;
        if (_settings.Publish.Scores == PublishedScores.All || step.Score.IsAnomaly)
        {
            PublishScore(labels, step.Time.UnixNs, step.Mean, double.NaN, step.Score);
        }

        if (step.Event.Kind is EventChangeKind.Opened or EventChangeKind.Updated)
        {
            PublishEvent(in step, step.Event.Event, step.Peak);
        }

        if (step.Event.Closed is Scoring.AnomalyEvent closed)
        {
            PublishEvent(in step, closed, step.PeakBefore);
        }
    }

    void PublishEvent(in CohortStep step, in Scoring.AnomalyEvent happened, in CohortPeak peak)
    {
        _text.Clear();
        EventText.Append(_text, step.Cohort.Labels, happened, peak.Members, peak.Most);
        PublishEvent(step.Cohort.Labels, happened);
    }
}
