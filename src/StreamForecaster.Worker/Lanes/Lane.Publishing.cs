using StreamForecaster.Alignment;
using StreamForecaster.Forecasting;
using StreamForecaster.Publishing;
using StreamForecaster.Scoring;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Lanes;

/// <summary>What of a step's results is written, and how.</summary>
sealed partial class Lane
{
    readonly ByteBuffer _text = new(256);

    void Publish(in Closing closing, ReadOnlySpan<HorizonBand> bands)
    {
        if (_settings.Publish.Scores == PublishedScores.All || closing.Score.IsAnomaly)
        {
            double y = closing.Step.Kind == StepKind.Measured ? closing.Step.Value : double.NaN;
            PublishScore(closing.Series.Labels!, closing.Time.UnixNs, y, closing.HasForecast ? closing.Pending.Yhat : double.NaN, closing.Score);
        }

        if (closing.Event.Kind is EventChangeKind.Opened or EventChangeKind.Updated)
        {
            PublishEvent(in closing, closing.Event.Event);
        }

        if (closing.Event.Closed is Scoring.AnomalyEvent closed)
        {
            PublishEvent(in closing, closed);
        }

        if (closing.Time.Index % _settings.Publish.Every == 0)
        {
            foreach (int horizon in closing.Series.Group.PublishedHorizons)
            {
                PublishForecast(in closing, horizon, bands[horizon - 1]);
            }
        }
    }

    void PublishScore(SeriesLabels labels, long timeNs, double y, double yhat, in StepScore score)
    {
        ResultLines.AppendAnomaly(_results.Lines, labels, timeNs, y, yhat, score.Score, score.PValue, score.IsAnomaly);
        _results.LineCount++;
        if (_settings.Messages)
        {
            ResultMessages.AppendAnomaly(_results.Messages, labels, timeNs, y, yhat, score.Score, score.PValue, score.IsAnomaly);
        }
    }

    void PublishForecast(in Closing closing, int horizon, HorizonBand band)
    {
        SeriesLabels labels = closing.Series.Labels!;
        long timeNs = closing.Time.UnixNs + (horizon * closing.StepNs);
        ReadOnlySpan<byte> model = closing.Model is StreamingModel used ? used.Label : "none"u8;
        long version = closing.Model?.Version ?? 0;
        ReadOnlySpan<byte> expert = closing.Series.Group.ExpertLabel(band.Expert);
        _results.LineCount += ResultLines.AppendForecast(
            _results.Lines, labels, horizon, timeNs, band.Yhat, band.Lower, band.Upper, model, version, expert) ? 1 : 0;
        if (_settings.Messages)
        {
            ResultMessages.AppendForecast(
                _results.Messages, labels, horizon, timeNs, band.Yhat, band.Lower, band.Upper, model, version, expert);
        }
    }

    void PublishEvent(in Closing closing, in Scoring.AnomalyEvent happened)
    {
        _text.Clear();
        EventText.Append(_text, closing.Series.Labels!, happened, closing.StepNs / 1_000_000_000);
        PublishEvent(closing.Series.Labels!, happened);
    }

    // An event is written at its start whenever it changes: the later line overwrites the earlier one.
    void PublishEvent(SeriesLabels labels, in Scoring.AnomalyEvent happened)
    {
        StreamForecaster.Publishing.AnomalyEvent line = new(happened.StartNs, happened.EndNs / 1_000_000, happened.Peak,
            EventWords.Severity(happened.Severity), _text.Written, EventWords.Severity(happened.Severity));
        ResultLines.AppendEvent(_results.Lines, labels, line);
        _results.LineCount++;
        if (_settings.Messages)
        {
            ResultMessages.AppendEvent(_results.Messages, labels, line);
        }
    }
}
