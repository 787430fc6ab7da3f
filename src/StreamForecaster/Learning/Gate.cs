using System.Globalization;

namespace StreamForecaster.Learning;

/// <summary>
/// Decides whether a challenger takes the champion's place: it must win on the recent stratum by the margin, against the champion
/// and against the last value, beyond chance, and lose no more than the margin on the reservoir, against the champion and against
/// the anchor (an older champion, so that many small losses do not add up).
/// </summary>
static class Gate
{
    // A win must be this many standard errors better than the margin: one training in forty would win by chance.
    const double WinErrors = 2;

    // The worst of four ages is about one standard error too bad, and the champion was chosen on these very windows (seen in
    // tests: a challenger as good as the champion on fresh data measures 1.03). What is granted for that is bounded in margins, so
    // that doubt does not let poison in.
    const double LossErrors = 2;
    const double LossErrorsMaxMargins = 2;

    // Who halves the loss of what came lately has learned something new, such as another level: one margin more of doubt.
    const double DecisiveRatio = 0.5;
    const double DecisiveMaxMargins = 3;

    /// <param name="recent">The recent stratum.</param>
    /// <param name="reservoir">The reservoir stratum; null before there is a past.</param>
    /// <param name="margin">Share of the loss to win by, and to lose by at most.</param>
    public static Verdict Judge(in StratumLosses recent, StratumLosses? reservoir, double margin)
    {
        string? objection = Objection(recent, reservoir, margin);
        string losses = Losses(recent, reservoir);
        return objection is null
            ? new(true, $"the challenger won: {losses}", recent, reservoir)
            : new(false, $"kept the champion, as the challenger {objection}: {losses}", recent, reservoir);
    }

    static string? Objection(in StratumLosses recent, StratumLosses? reservoir, double margin)
    {
        if (recent.Series == 0)
        {
            return "has nothing to win where nothing moves";
        }

        // Written so that a ratio that is not a number is an objection.
        if (!Wins(recent.AgainstLastValue, margin))
        {
            return Say($"does not clearly beat the last value by {100 * margin:G3} % on recent windows ({Words(recent.AgainstLastValue)})");
        }

        if (!Wins(recent.AgainstChampion, margin))
        {
            return Say($"does not clearly win by {100 * margin:G3} % on recent windows ({Words(recent.AgainstChampion)})");
        }

        if (reservoir is not { } old)
        {
            return null;
        }

        double doubt = margin * (recent.AgainstChampion.Ratio < DecisiveRatio ? DecisiveMaxMargins : LossErrorsMaxMargins);
        if (!Holds(old.AgainstChampion, margin, doubt))
        {
            return Say($"forgets, it loses more than {100 * margin:G3} % on the reservoir ({Words(old.AgainstChampion)})");
        }

        return Holds(old.AgainstAnchor, margin, doubt)
            ? null
            : Say($"forgets, it loses more than {100 * margin:G3} % on the reservoir to an older champion ({Words(old.AgainstAnchor)})");
    }

    static bool Wins(Comparison comparison, double margin) => comparison.Ratio + (WinErrors * comparison.Error) <= 1 - margin;

    static bool Holds(Comparison comparison, double margin, double doubt) =>
        comparison.Ratio <= 1 + margin + Math.Min(LossErrors * comparison.Error, doubt);

    static string Losses(in StratumLosses recent, StratumLosses? reservoir)
    {
        string words = Say($"recent loss {recent.Challenger:G4} against {recent.Champion:G4} (last value {recent.LastValue:G4}) on {recent.Windows} windows");
        return reservoir is { } old
            ? Say($"{words}, reservoir {old.Challenger:G4} against {old.Champion:G4} on {old.Windows}")
            : words + ", no reservoir yet";
    }

    static string Words(Comparison comparison) => Say($"ratio {comparison.Ratio:F3} ± {comparison.Error:F3}");

    static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
