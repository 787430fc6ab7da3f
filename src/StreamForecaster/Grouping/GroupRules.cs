namespace StreamForecaster.Grouping;

/// <summary>Finds the series group of a series by the configured rules.</summary>
public sealed class GroupRules(SeriesOptions options)
{
    /// <summary>The group of the series beyond <see cref="SeriesOptions.GroupLimit"/>.</summary>
    public const string Other = "other";

    /// <summary>The first rule that fits, or null.</summary>
    /// <param name="display">The series as <c>name.field{tag=value}</c>; the braces may be absent.</param>
    public SeriesGroupOptions? Find(string display)
    {
        int brace = display.IndexOf('{', StringComparison.Ordinal);
        ReadOnlySpan<char> plain = brace < 0 ? display : display.AsSpan(0, brace);
        foreach (SeriesGroupOptions rule in options.Groups)
        {
            foreach (string pattern in rule.Match)
            {
                if (Wildcard.Matches(pattern, pattern.Contains('{', StringComparison.Ordinal) ? display : plain))
                {
                    return rule;
                }
            }
        }

        return null;
    }
}
