using System.Runtime.CompilerServices;

namespace StreamForecaster.Forecasting;

/// <content>Learning from a closed step.</content>
public sealed partial class ForecastMixture
{
    /// <summary>A change beyond this many times the largest one so far enters as that: a wild point costs little, a new level few steps.</summary>
    const double LargestLeap = 1000;

    const double ChangeMemory = 1 - 1e-4;

    /// <summary>Beyond this, or for this long below its inverse, the unit is wrong and the series begins anew.</summary>
    const double LargestValue = 1e30;

    const double TinyValue = 1e-25;
    const int TinyLimit = 64;
    const int RareCheck = 512;

    /// <summary>
    /// Learns from a closed step: from every forecast whose target it is, then from the value itself. Of a missing (filled)
    /// step nothing is learned: its value is not looked at, and the forecasts for it are dropped. So it is with a wild one (<see cref="IsWild"/>).
    /// </summary>
    public void Observe(Span<byte> state, double value, in StepTime time, bool missing)
    {
        var s = Open(state);
        var real = !missing && double.IsFinite(value) && WildValues.Observe(ref s.Header, value, time.StepSeconds);
        if (real && !Admit(ref s.Header, value))
        {
            state[.._layout.Bytes].Clear();
            Initialize(state);
            Admit(ref s.Header, value);
        }

        var step = s.Header.Steps;
        var shock = s.Header.Shock;
        s.Header.Shock = real ? 0 : float.NaN;
        if (real)
        {
            Judge(s, step, shock);
            Follow(s, step, in time);
        }
        else
        {
            Drop(s, step);
        }

        s.Values[(int)(step % _horizons)] = s.Header.Last;
        s.Header.Steps++;
        if (_finder is not null && s.Header.Steps >= s.Search.NextCheck)
        {
            CheckSeason(s, in time);
        }
    }

    /// <summary>Makes a value the newest one, in the series' unit and leaping no further than is believed; false: the unit does not fit.</summary>
    static bool Admit(ref MixtureHeader header, double value)
    {
        if (header.Seen == 0)
        {
            var magnitude = Math.Abs(value);
            header.Unit = magnitude is 0 or (> 1e-20 and < 1e20) ? 1 : Math.ScaleB(1, Math.Clamp(Math.ILogB(magnitude), -1000, 1000));
            header.Last = value / header.Unit;
            header.Seen = 1;
            return true;
        }

        var next = Math.Clamp(value / header.Unit, -1e35, 1e35);
        var leap = LargestLeap * header.LargestChange;
        if (leap > 0 && Math.Abs(next - header.Last) > leap)
        {
            next = header.Last + Math.CopySign(leap, next - header.Last);
        }

        header.Tiny = (ushort)(next != 0 && Math.Abs(next) < TinyValue ? header.Tiny + 1 : 0);
        if (Math.Abs(next) > LargestValue || header.Tiny >= TinyLimit)
        {
            return false;
        }

        header.LargestChange = Math.Max(header.LargestChange * ChangeMemory, Math.Abs(next - header.Last));
        header.Last = next;
        header.Seen++;
        return true;
    }

    /// <summary>Every forecast for this step is compared with the value: weights, bands and hearing learn. The shock is that of the step before.</summary>
    void Judge(in MixtureState s, long step, float shock)
    {
        for (var group = 0; group < _groups.Count && _groups.First(group) <= step; group++)
        {
            _weights.Begin();
            _leader.Begin();
            _bands.Begin();
            for (var h = _groups.First(group); h < _groups.First(group + 1) && h <= step; h++)
            {
                var record = _pending.To(s.Pending, h, step);
                if (!float.IsNaN(record[0]))
                {
                    Judge(s, step, shock, group, h, record);
                    record[0] = float.NaN;
                }
            }

            _weights.Learn(s.Weights(group, _weights.StateLength));
            _leader.Learn(s.Leader(group, _leader.StateLength), s.Header.Seen);
            _bands.Learn(s.Bands, group);
        }

        for (var i = 0; i < _regressions.Length; i++)
        {
            _regressions[i].Learn(s.Regression(i), step, s.Header.Last, s.Values);
        }

        UsualChanges.Learn(s.Changes, s.Values, step, s.Header.Last);
    }

    void Judge(in MixtureState s, long step, float shock, int group, int horizon, Span<float> record)
    {
        var slot = (int)((step - horizon) % _horizons);
        var origin = s.Origin(slot);
        var mark = (OriginMark)Marks(origin)[0];
        if (mark == OriginMark.Filled)
        {
            return;
        }

        var target = (float)(s.Header.Last - s.Values[slot]);
        Gather(origin, record, horizon);
        if (horizon == 1)
        {
            SleepingExperts.Learn(s.Sleep, _experts.AsSpan(0, _roster.Count), target, s.Header.Seen);
            s.Header.Shock = ShockWeights.Of(MathF.Abs(target - record[0]), ConformalBands.UsualError(s.Bands, 1), shock, s.Header.Seen);
        }

        if (mark == OriginMark.Shock && horizon == 1)
        {
            _shocks.Learn(s.Shocks, _experts, record[0], target, shock);
        }

        if (mark == OriginMark.Calm || group >= _shockGroups)
        {
            var lead = Lead.Of(Leads(origin)[group]);
            var blend = lead.Blend(record[0], _experts[lead.Expert]);
            _leader.Add(_experts, blend, target);
            var mixers = record.Slice(_pending.FirstMixer, _full ? _weights.Mixers : 0);
            _weights.Add(_experts, mixers, blend, target, ConformalBands.UsualError(s.Bands, horizon));
        }

        var widths = BandWidths.Of(record[PendingForecasts.Widths]);
        if (_full)
        {
            JudgeBands(s, step, group, horizon, record, target, widths);
        }

        _bands.Add(s.Bands, horizon, target - record[0], widths, s.Header.Seen);
    }

    // Inlined, it would cost the lean profile the clearing of a basis for each horizon.
    [MethodImpl(MethodImplOptions.NoInlining)]
    void JudgeBands(in MixtureState s, long step, int group, int horizon, Span<float> record, float target, BandWidths widths) =>
        _bands.AddToExperts(s.Bands, Basis(horizon, group, Phase(s.Header.Season, step), record), target, widths, s.Header.Seen);

    /// <summary>What the band of a forecast is made from, the experts' own just gathered.</summary>
    BandBasis Basis(int horizon, int group, float phase, Span<float> record) => new()
    {
        Horizon = horizon,
        Group = group,
        Phase = phase,
        Forecast = record[0],
        Experts = _experts,
        Scales = record[_pending.FirstScale..],
    };

    /// <summary>The experts' forecasts for one horizon, from what its origin and its record kept.</summary>
    void Gather(ReadOnlySpan<float> origin, ReadOnlySpan<float> record, int horizon)
    {
        TrendExperts.Forecast(origin, horizon, _holtReach[horizon], _experts);
        _pending.Experts(record, _experts.AsSpan(ExpertRoster.FirstSeasonal));
    }

    /// <summary>The experts take in the newest value.</summary>
    void Follow(in MixtureState s, long step, in StepTime time)
    {
        ref var header = ref s.Header;
        if (header.Seen > 1)
        {
            var before = s.Values[(int)((step + _horizons - 1) % _horizons)];
            TrendExperts.Observe(s.Trends, (float)(header.Last - before), header.Seen);
        }

        if (_full)
        {
            SeasonHistory.Append(s.History, ref s.Search.Scale, step, header.Last);
        }

        _features[0] = 1;
        s.Trends.Slice(TrendExperts.Lag1, 3).CopyTo(_features.AsSpan(1));
        _features[4] = s.Trends[TrendExperts.Mean24];
        Harmonics(in header, step, in time);
        for (var i = 0; i < _regressions.Length; i++)
        {
            _features[5] = s.Trends[_regressions[i].SlowMean];
            _regressions[i].Observe(s.Regression(i), step, _features, header.Seen);
        }
    }

    /// <summary>Sine and cosine of the season and its first overtones; 0 without a season and where it is too short for them.</summary>
    void Harmonics(in MixtureHeader header, long step, in StepTime time)
    {
        var harmonics = _features.AsSpan(6);
        harmonics.Clear();
        if (header.Season < 2 && _full)
        {
            return;
        }

        var turn = header.Season >= 2 ? (double)(step % header.Season) / header.Season : time.SecondOfDay / 86_400.0;
        var (sine, cosine) = Math.SinCos(2 * Math.PI * turn);
        var (s, c) = (sine, cosine);
        for (var k = 0; k < 3 && (header.Season == 0 || 2 * (k + 1) <= header.Season); k++)
        {
            harmonics[2 * k] = (float)s;
            harmonics[(2 * k) + 1] = (float)c;
            (s, c) = ((s * cosine) + (c * sine), (c * cosine) - (s * sine));
        }
    }

    /// <summary>A filled step: what was forecast for it is dropped; the history takes the forecast in its place.</summary>
    void Drop(in MixtureState s, long step)
    {
        var guess = s.Header.Last;
        for (var h = 1; h <= _horizons && h <= step; h++)
        {
            var record = _pending.To(s.Pending, h, step);
            if (h == 1 && !float.IsNaN(record[0]))
            {
                guess += record[0];
            }

            record[0] = float.NaN;
        }

        if (_full)
        {
            SeasonHistory.Append(s.History, ref s.Search.Scale, step, guess);
        }

        for (var i = 0; i < _regressions.Length; i++)
        {
            _regressions[i].Skip(s.Regression(i), step);
        }
    }

    /// <summary>Looks for the season; a new one counts when two looks in a row agree, and a settled one is looked at rarely.</summary>
    void CheckSeason(in MixtureState s, in StepTime time)
    {
        ref var header = ref s.Header;
        ref var search = ref s.Search;
        SeasonHistory.Refit(s.History, ref search.Scale, header.Steps);
        SeasonHistory.CopyTo(s.History, header.Steps, _history);
        var day = time.StepSeconds > 0 && 86_400 % time.StepSeconds == 0 ? 86_400 / time.StepSeconds : 0;
        var found = _finder!.Find(_history.AsSpan(0, SeasonHistory.Count(header.Steps)), header.Season, day, 7 * day).Steps;

        // A season that has faded for a while costs nothing: its experts lose their weight by themselves.
        found = found == 0 ? header.Season : found;
        var agreed = found == header.Season || found == search.Candidate;
        search.CheckEvery = found == header.Season ? Math.Min(2 * search.CheckEvery, RareCheck) : Math.Min(search.CheckEvery, 128);
        if (agreed && found != header.Season)
        {
            header.Season = found;
            for (var i = 0; i < _regressions.Length; i++)
            {
                _regressions[i].ResetHarmonics(s.Regression(i));
            }
        }

        search.Candidate = found;
        search.NextCheck = header.Steps + search.CheckEvery;
    }

    /// <summary>A step's place in the season, in [0, 1); negative: there is none.</summary>
    static float Phase(int season, long step) => season < 2 ? -1 : (step % season) / (float)season;
}
