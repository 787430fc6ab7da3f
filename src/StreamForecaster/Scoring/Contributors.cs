namespace StreamForecaster.Scoring;

/// <summary>The series that weighed most in a cohort's step, the largest first.</summary>
public struct Contributors
{
    /// <summary>As many are kept.</summary>
    public const int Most = 3;

    Contributor _first;
    Contributor _second;
    Contributor _third;

    /// <summary>The number of series kept.</summary>
    public readonly int Count => _first.Name.IsEmpty ? 0 : _second.Name.IsEmpty ? 1 : _third.Name.IsEmpty ? 2 : Most;

    /// <summary>A series.</summary>
    public readonly Contributor this[int index] => index switch
    {
        0 => _first,
        1 => _second,
        2 => _third,
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    /// <summary>Takes a series in; one without rarity contributes nothing, of equal ones the earlier stays.</summary>
    public void Add(in Contributor one)
    {
        if (one.Rarity <= _third.Rarity)
        {
            return;
        }

        if (one.Rarity > _first.Rarity)
        {
            (_first, _second, _third) = (one, _first, _second);
        }
        else if (one.Rarity > _second.Rarity)
        {
            (_second, _third) = (one, _second);
        }
        else
        {
            _third = one;
        }
    }
}

/// <summary>A series' part in a cohort's step.</summary>
/// <param name="Name">The series for people, as UTF-8.</param>
/// <param name="Rarity">Decades, more than zero.</param>
/// <param name="Strongest">The evidence that weighed most.</param>
public readonly record struct Contributor(ReadOnlyMemory<byte> Name, double Rarity, EvidenceKind Strongest);
