namespace StreamForecaster.Scoring;

/// <summary>The rarities of a cohort's members at one step, added up in the order in which the members close it.</summary>
public struct CohortSum
{
    const double MostDecades = 10; // of one member: one wild series is not a wild host

    /// <summary>Members so far.</summary>
    public long Count { get; set; }

    /// <summary>Their decades of rarity.</summary>
    public double Decades { get; set; }

    /// <summary>The mean rarity of the members, in decades: a member that comes or goes does not shift it much.</summary>
    public readonly double Mean => Count == 0 ? 0 : Decades / Count;

    /// <summary>Takes a member's rarity in (<see cref="StepScore.Rarity"/>).</summary>
    public void Add(double rarity)
    {
        Decades += Math.Clamp(double.IsFinite(rarity) ? rarity : 0, 0, MostDecades);
        Count++;
    }
}
