using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <summary>Where the parts of a series' state lie: header, origins' values and the search for a season (64-bit), then 32-bit sections.</summary>
sealed class MixtureLayout
{
    readonly int[] _regressionEnds;
    int _floats;

    public MixtureLayout(
        int horizons, int originLength, bool history, RegressionExpert[] regressions, int weights, int leaders, int shocks, int bands, int pending, int experts)
    {
        Values = new Range(Unsafe.SizeOf<MixtureHeader>(), Unsafe.SizeOf<MixtureHeader>() + (horizons * sizeof(double)));
        Search = new Range(Values.End, Values.End.Value + (history ? Unsafe.SizeOf<SeasonSearch>() : 0));
        Trends = Take(TrendExperts.StateLength);
        Origins = Take(horizons * originLength);
        OriginLength = originLength;
        Changes = Take(horizons);
        Sleep = Take(SleepingExperts.StateLength(experts));
        Weights = Take(weights);
        Leaders = Take(leaders);
        Shocks = Take(shocks);
        Bands = Take(bands);
        Pending = Take(pending);
        History = Take(history ? SeasonHistory.StateLength : 0);
        FirstRegression = _floats;
        _regressionEnds = [.. regressions.Select(regression => Take(regression.StateLength).End.Value)];
        Bytes = Search.End.Value + (_floats * sizeof(float));
    }

    public int Bytes { get; }

    public Range Values { get; }

    /// <summary>Empty without a history.</summary>
    public Range Search { get; }

    public Range Trends { get; }

    public Range Origins { get; }

    public int OriginLength { get; }

    public Range Changes { get; }

    public Range Sleep { get; }

    public Range Weights { get; }

    public Range Leaders { get; }

    public Range Shocks { get; }

    public Range Bands { get; }

    public Range Pending { get; }

    public Range History { get; }

    int FirstRegression { get; }

    public Range Regression(int index) => new(index == 0 ? FirstRegression : _regressionEnds[index - 1], _regressionEnds[index]);

    Range Take(int floats)
    {
        var range = new Range(_floats, _floats + floats);
        _floats += floats;
        return range;
    }
}

/// <summary>A series' state, by its parts.</summary>
readonly ref struct MixtureState
{
    readonly MixtureLayout _layout;
    readonly Span<byte> _bytes;
    readonly Span<float> _floats;

    public MixtureState(Span<byte> state, MixtureLayout layout)
    {
        _layout = layout;
        _bytes = state;
        Header = ref MemoryMarshal.AsRef<MixtureHeader>(state);
        Values = MemoryMarshal.Cast<byte, double>(state[layout.Values]);
        _floats = MemoryMarshal.Cast<byte, float>(state[layout.Search.End.Value..layout.Bytes]);
    }

    public readonly ref MixtureHeader Header;

    /// <summary>The values of the last origins, by step number modulo their count.</summary>
    public Span<double> Values { get; }

    /// <summary>Where there is a history.</summary>
    public ref SeasonSearch Search => ref MemoryMarshal.AsRef<SeasonSearch>(_bytes[_layout.Search]);

    public Span<float> Trends => _floats[_layout.Trends];

    public Span<float> Changes => _floats[_layout.Changes];

    public Span<float> Sleep => _floats[_layout.Sleep];

    public Span<float> Shocks => _floats[_layout.Shocks];

    public Span<float> Bands => _floats[_layout.Bands];

    public Span<float> Pending => _floats[_layout.Pending];

    public Span<float> History => _floats[_layout.History];

    public Span<float> Origin(int slot) => _floats[_layout.Origins].Slice(slot * _layout.OriginLength, _layout.OriginLength);

    public Span<float> Weights(int group, int length) => _floats[_layout.Weights].Slice(group * length, length);

    public Span<float> Leader(int group, int length) => _floats[_layout.Leaders].Slice(group * length, length);

    public Span<float> Regression(int index) => _floats[_layout.Regression(index)];
}
