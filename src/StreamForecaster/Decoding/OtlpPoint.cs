namespace StreamForecaster.Decoding;

/// <summary>What one data point of OTLP says: a number, or a histogram's or summary's parts.</summary>
enum OtlpPart
{
    /// <summary>The number of a gauge or sum: field <c>value</c>.</summary>
    Value,

    /// <summary>How many were measured: field <c>count</c>.</summary>
    Count,

    /// <summary>Their sum: field <c>sum</c>.</summary>
    Sum,

    /// <summary>The least: field <c>min</c>.</summary>
    Min,

    /// <summary>The greatest: field <c>max</c>.</summary>
    Max,
}

/// <summary>One data point while it is read, JSON or protobuf.</summary>
struct OtlpPoint()
{
    Parts _values;
    int _present;

    /// <summary>The time, Unix ns; 0 where there is none.</summary>
    public ulong TimeNs { get; set; }

    /// <summary>Bit 0: no recorded value.</summary>
    public uint Flags { get; set; }

    /// <summary>Sets a part; not finite ones are lawful and no points.</summary>
    public void Set(OtlpPart part, double value)
    {
        _values[(int)part] = value;
        _present |= 1 << (int)part;
    }

    /// <summary>Adds a point for each part, or says what is wrong.</summary>
    public readonly void AddTo(PointBatch points, SeriesKeyBuilder series, int at, long recordTimestampNs)
    {
        string? problem = series.Problem
            ?? (series.Name.IsEmpty ? "a metric without name"
                : TimeNs > TimeText.Limit ? "the time is after 2255"
                : _present == 0 && (Flags & 1) == 0 ? "a data point without value"
                : null);
        if (problem is not null)
        {
            points.AddError(problem, at);
        }
        else if ((Flags & 1) != 0)
        {
            points.Skip();
        }
        else
        {
            Add(points, series, at, TimeNs == 0 ? recordTimestampNs : (long)TimeNs);
        }
    }

    readonly void Add(PointBatch points, SeriesKeyBuilder series, int at, long timestampNs)
    {
        ReadOnlySpan<byte> tags = series.Tags();
        for (int i = 0; i <= (int)OtlpPart.Max; i++)
        {
            if ((_present & (1 << i)) == 0)
            {
                continue;
            }

            if (double.IsFinite(_values[i]))
            {
                points.Add(series.Name, tags, FieldOf((OtlpPart)i), at, timestampNs, _values[i]);
            }
            else
            {
                points.Skip();
            }
        }
    }

    static ReadOnlySpan<byte> FieldOf(OtlpPart part) => part switch
    {
        OtlpPart.Count => "count"u8,
        OtlpPart.Sum => "sum"u8,
        OtlpPart.Min => "min"u8,
        OtlpPart.Max => "max"u8,
        _ => "value"u8,
    };

    [System.Runtime.CompilerServices.InlineArray(5)]
    struct Parts
    {
        double _first;
    }
}
