using StreamForecaster.Decoding;

namespace StreamForecaster.Grouping;

/// <summary>Finds the series group of a series by the configured rules.</summary>
public sealed class GroupRules
{
    /// <summary>The group of the series beyond <see cref="SeriesOptions.GroupLimit"/>.</summary>
    public const string Other = "other";

    readonly List<(SeriesGroupOptions Rule, GlobPattern Pattern)> _patterns = [];

    /// <summary>Takes the rules in their order.</summary>
    public GroupRules(SeriesOptions options)
    {
        foreach (SeriesGroupOptions rule in options.Groups)
        {
            foreach (string pattern in rule.Match)
            {
                _patterns.Add((rule, new(pattern)));
            }
        }
    }

    /// <summary>The group of a measurement's series that no rule fits: not one that a rule has named, whose settings are not theirs.</summary>
    public string Unruled(string measurement) =>
        _patterns.Exists(p => string.Equals(p.Rule.Name, measurement, StringComparison.Ordinal)) ? measurement + " (rest)" : measurement;

    /// <summary>The first rule that fits, or null.</summary>
    /// <param name="display">The series as <c>name.field{tag=value}</c>; the braces may be absent.</param>
    public SeriesGroupOptions? Find(string display)
    {
        int brace = display.IndexOf('{', StringComparison.Ordinal);
        string plain = brace < 0 ? display : display[..brace];
        foreach ((SeriesGroupOptions rule, GlobPattern pattern) in _patterns)
        {
            if (pattern.Matches(pattern.Text.Contains('{', StringComparison.Ordinal) ? display : plain))
            {
                return rule;
            }
        }

        return null;
    }
}
