using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamForecaster.Forecasting;

/// <summary>Where the parts of a series' state lie: header, origins' values and the search for a season (64-bit), then 32-bit sections.</summary>
sealed class MixtureLayout
{
    readonly Part[] _regressions;
    int _floats;

    public MixtureLayout(
        int horizons, int originLength, bool history, RegressionExpert[] regressions, int weights, int leaders, int shocks, int bands, int pending, int experts)
    {
        Values = new Part(Unsafe.SizeOf<MixtureHeader>(), horizons * sizeof(double));
        Search = new Part(Values.End, history ? Unsafe.SizeOf<SeasonSearch>() : 0);
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
        _regressions = [.. regressions.Select(regression => Take(regression.StateLength))];
        Bytes = Search.End + (_floats * sizeof(float));
    }

    public int Bytes { get; }

    public Part Values { get; }

    /// <summary>Empty without a history.</summary>
    public Part Search { get; }

    public Part Trends { get; }

    public Part Origins { get; }

    public int OriginLength { get; }

    public Part Changes { get; }

    public Part Sleep { get; }

    public Part Weights { get; }

    public Part Leaders { get; }

    public Part Shocks { get; }

    public Part Bands { get; }

    public Part Pending { get; }

    public Part History { get; }

    public Part Regression(int index) => _regressions[index];

    Part Take(int floats)
    {
        var part = new Part(_floats, floats);
        _floats = part.End;
        return part;
    }
}

/// <summary>Where a part of a state lies; a <see cref="Range"/>, which can count from the end, costs more each time it is used.</summary>
readonly record struct Part(int Start, int Length)
{
    public int End => Start + Length;

    public Span<T> Of<T>(Span<T> whole) => whole.Slice(Start, Length);
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
        Values = MemoryMarshal.Cast<byte, double>(layout.Values.Of(state));
        _floats = MemoryMarshal.Cast<byte, float>(state[layout.Search.End..layout.Bytes]);
    }

    public readonly ref MixtureHeader Header;

    /// <summary>The values of the last origins, by step number modulo their count.</summary>
    public Span<double> Values { get; }

    /// <summary>Where there is a history.</summary>
    public ref SeasonSearch Search => ref MemoryMarshal.AsRef<SeasonSearch>(_layout.Search.Of(_bytes));

    public Span<float> Trends => _layout.Trends.Of(_floats);

    public Span<float> Changes => _layout.Changes.Of(_floats);

    public Span<float> Sleep => _layout.Sleep.Of(_floats);

    public Span<float> Shocks => _layout.Shocks.Of(_floats);

    public Span<float> Bands => _layout.Bands.Of(_floats);

    public Span<float> Pending => _layout.Pending.Of(_floats);

    public Span<float> History => _layout.History.Of(_floats);

    public Span<float> Origin(int slot) => _layout.Origins.Of(_floats).Slice(slot * _layout.OriginLength, _layout.OriginLength);

    public Span<float> Weights(int group, int length) => _layout.Weights.Of(_floats).Slice(group * length, length);

    public Span<float> Leader(int group, int length) => _layout.Leaders.Of(_floats).Slice(group * length, length);

    public Span<float> Regression(int index) => _layout.Regression(index).Of(_floats);
}
