using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Lanes;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>validate --against STATE</c>: which of the state starts anew with settings, told before they are used.</summary>
static class StateComparison
{
    // In a group's own words where a rule of series.groups says otherwise.
    static readonly Dictionary<string, string> DependsOn = new(StringComparer.Ordinal)
    {
        ["align"] = "align.step, align.lateness, align.fillLimit, align.aggregate",
        ["window"] = "align, learn.model",
        ["mixture"] = "align, forecast, learn.model.horizons, learn.model.quantiles, the group's time zone",
        ["score"] = "align, score, the group's time zone",
        ["event"] = "align, score",
        ["cohorts"] = "cohorts.by, score.falseAlarmsPerDay, score.warmUp, score.persistence, score.persistenceOf, score.mergeGap",
        ["model"] = "align, learn.model, the group's time zone",
    };

    /// <summary>Writes a line for each group and section that starts anew.</summary>
    public static int Run(Settings settings, string state, TextWriter output, TextWriter error)
    {
        using StateFolder? folder = StateFolder.Open(state, () => settings, error);
        if (folder is null)
        {
            return SettingsFile.ExitWrong;
        }

        SortedDictionary<string, (string Section, int Series)> anew = new(StringComparer.Ordinal);
        int lanes = 0;
        foreach (LaneInspection checkpoint in LaneInspection.LanesIn(folder.Path).Select(LaneInspection.Newest).OfType<LaneInspection>())
        {
            lanes++;
            if (!new CohortTable(settings.Cohorts, settings.Score, partition: "").TryRead(checkpoint.Head.Cohorts))
            {
                anew["cohorts"] = ("cohorts", anew.GetValueOrDefault("cohorts").Series + checkpoint.Series);
            }

            foreach (GroupHead group in checkpoint.Head.Groups)
            {
                foreach (string section in Changed(settings.ToLane(), group))
                {
                    string name = $"{group.Name}/{section}";
                    anew[name] = (section, anew.GetValueOrDefault(name).Series + checkpoint.SeriesOf[group.Name]);
                }
            }
        }

        foreach ((string name, (string section, int series)) in anew)
        {
            output.WriteLine($"{name}: starts anew for {series} series; it depends on {DependsOn[section]}");
        }

        output.WriteLine(
            lanes == 0 ? $"{state}: no checkpoint that can be read: every lane starts cold"
            : anew.Count == 0 ? $"{state}: nothing starts anew in {lanes} lanes"
            : $"{state}: {anew.Count} parts start anew in {lanes} lanes; all else goes on");
        return 0;
    }

    static IEnumerable<string> Changed(LaneSettings settings, GroupHead stored)
    {
        using LaneGroup group = new(
            stored.Name, settings, settings.Series.Groups.FirstOrDefault(rule => string.Equals(rule.Name, stored.Name, StringComparison.Ordinal)));
        return [.. group.Sections
            .Where(section => !stored.Sections.Any(s => string.Equals(s.Name, section.Name, StringComparison.Ordinal) && section.Takes(s)))
            .Select(static section => section.Name)];
    }
}
