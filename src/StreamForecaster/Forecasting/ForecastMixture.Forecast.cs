using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <content>Forecasting from the newest step.</content>
public sealed partial class ForecastMixture
{
    /// <summary>
    /// Forecasts every horizon from the newest step and keeps what was forecast until the targets arrive.
    /// </summary>
    /// <param name="state">The series' state.</param>
    /// <param name="model">The model's point forecasts in the series' own units, [horizon]; empty while none answers.</param>
    /// <param name="bands">The forecasts, [horizon]: at least as many as <see cref="Horizons"/>.</param>
    public void Forecast(Span<byte> state, ReadOnlySpan<double> model, Span<HorizonBand> bands)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bands.Length, _horizons, nameof(bands));
        if (!model.IsEmpty)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(model.Length, _horizons, nameof(model));
        }

        var s = Open(state);
        if (s.Header.Seen == 0)
        {
            bands[.._horizons].Fill(Band(1, 0, default, 0));
            return;
        }

        var step = s.Header.Steps - 1;
        var slot = (int)(step % _horizons);
        var origin = s.Origin(slot);
        s.Trends[..TrendExperts.RecordLength].CopyTo(origin);
        Marks(origin)[0] = (byte)MarkOf(s.Header.Shock);
        Ask(s, step, model);
        SleepingExperts.Hear(s.Sleep[.._roster.Padded], _hearing);
        for (var group = 0; group < _groups.Count; group++)
        {
            Mix(s, step, group, origin, bands);
        }
    }

    /// <summary>The forecasts of all experts that are not trends, for all horizons.</summary>
    void Ask(in MixtureState s, long step, ReadOnlySpan<double> model)
    {
        var stride = _roster.Stored;
        if (_full)
        {
            SeasonHistory.Forecast(s.History, in s.Search.Scale, step, s.Header.Season, s.Header.Last, _horizons, _stored, stride);
        }

        for (var i = 0; i < _regressions.Length; i++)
        {
            _regressions[i].Forecast(s.Regression(i), step, s.Changes, _stored.AsSpan(_roster.SeasonalCount + i), stride);
        }

        for (var h = 0; h < _horizons; h++)
        {
            var change = model.IsEmpty ? double.NaN : (model[h] / s.Header.Unit) - s.Header.Last;

            // As the regressions', its forecast goes no further than a few usual changes; before any is known, all it says.
            var bound = s.Changes[h] > 0 ? RegressionExpert.LargestChange * s.Changes[h] : LargestValue;
            _stored[(h * stride) + stride - 1] = double.IsNaN(change) ? float.NaN : (float)Math.Clamp(change, -bound, bound);
        }
    }

    void Mix(in MixtureState s, long step, int group, Span<float> origin, Span<HorizonBand> bands)
    {
        HearThoseAwake(_stored.AsSpan((_groups.First(group) - 1) * _roster.Stored, _roster.Stored));
        _weights.Weigh(s.Weights(group, _weights.StateLength), _experts);
        _bands.Weigh(s.Bands, group, _experts);
        var lead = _leader.Choose(s.Leader(group, _leader.StateLength), _experts, s.Header.Seen);
        Leads(origin)[group] = lead.Code;
        var shocked = group < _shockGroups && s.Header.Shock is > 0 or < 0;
        var heaviest = lead.Share > 0.5f ? (byte)lead.Expert : _weights.Heaviest();
        if (shocked)
        {
            _weights.Total(lead, _afterShock);
            _shocks.Weigh(s.Shocks, s.Header.Shock, _experts, _afterShock);
            heaviest = (byte)TensorPrimitives.IndexOfMax<float>(_afterShock);
        }

        for (var h = _groups.First(group); h < _groups.First(group + 1); h++)
        {
            var stored = _stored.AsSpan((h - 1) * _roster.Stored, _roster.Stored);
            var target = step + h;
            var record = _pending.To(s.Pending, h, target);
            if (float.IsNaN(s.Header.Shock) && h < _horizons && _pending.To(s.Pending, h + 1, target) is var earlier && !float.IsNaN(earlier[0]))
            {
                // Of a filled step nothing is known: what was forecast from the last value, one step further ahead, still stands, and its band.
                earlier.CopyTo(record);
                bands[h - 1] = Band(s.Header.Unit, s.Header.Last, record, heaviest);
                continue;
            }

            _pending.Keep(record, stored);
            Gather(origin, record, h);
            SmallVectors.ClearUnknown(_experts);
            var blend = _weights.Mix(_experts, _full ? record.Slice(_pending.FirstMixer, _weights.Mixers) : _mixer);
            record[0] = shocked ? SmallVectors.Dot(_afterShock, _experts) : lead.Forecast(blend, _experts[lead.Expert]);
            var widths = _full ? _bands.Widths(s.Bands, Basis(h, group, Phase(s.Header.Season, target), record)) : _bands.Widths(s.Bands, h);
            record[PendingForecasts.Widths] = Brain16.Pack(widths.Below, widths.Above);
            bands[h - 1] = Band(s.Header.Unit, s.Header.Last, record, heaviest);
        }
    }

    /// <summary>An origin's <see cref="OriginMark"/>, then its leads.</summary>
    static Span<byte> Marks(Span<float> origin) => MemoryMarshal.AsBytes(origin[OriginMarks..]);

    /// <summary>An origin's leads, a byte a group.</summary>
    static Span<byte> Leads(Span<float> origin) => Marks(origin)[1..];

    static OriginMark MarkOf(float shock) => float.IsNaN(shock) ? OriginMark.Filled : shock == 0 ? OriginMark.Calm : OriginMark.Shock;

    /// <summary>Into the expert vector: how much each is heard, 0 where a stored expert gave no forecast (the pad is never heard).</summary>
    void HearThoseAwake(ReadOnlySpan<float> stored)
    {
        _hearing.CopyTo(_experts, 0);
        for (var k = 0; k < stored.Length; k++)
        {
            if (float.IsNaN(stored[k]))
            {
                _experts[ExpertRoster.FirstSeasonal + k] = 0;
            }
        }

        _experts.AsSpan(_roster.Count).Clear();
    }
}
