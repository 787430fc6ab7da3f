using System.Globalization;
using StreamForecaster.Backtesting;
using StreamForecaster.Forecasting;
using StreamForecaster.Grouping;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// The 90 % band one step ahead, series by series: what it held, and its mean interval score beside the best expert's trailing empirical
/// quantiles (at most 1.1 is wanted). Judged is who has over 4,000 rows: 90 ± 1 % where fewer than 5 % of the rows equal some expert's
/// forecast exactly, else at least 89 %.
/// </summary>
static class CoverageTable
{
    const int LongRows = 4_000;
    const double FewExact = 0.05;
    const double MostScore = 1.1;

    internal static void Print((string Name, SeriesTable Table)[] sources, int warmUp, SeriesProfile profile)
    {
        Console.WriteLine($"{profile}: the 90 % band at one step{"",22}rows  held  exact  interval score / best expert's quantiles");
        foreach ((string name, SeriesTable table) in sources)
        {
            for (int i = 0; i < table.Columns.Length; i++)
            {
                BandFigures figures = BandBacktest.Run(table.Columns[i], table.Times, new MixtureOptions { Profile = profile }, NeverWorseBench.WarmUp(table, warmUp));
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"  {$"{name} {table.Names[i]}",-48}{figures.Rows,6}{figures.Coverage,7:P1}{figures.Exact,6:P0}{Score(figures),8:F3} of {figures.Best,-16}{Verdict(figures, table.Rows)}"));
            }
        }
    }

    static double Score(in BandFigures figures) => figures.IntervalScore == 0 ? 0 : figures.IntervalScore / figures.BestScore;

    static string Verdict(in BandFigures figures, int rows)
    {
        bool held = figures.Coverage >= 0.89 && (figures.Exact >= FewExact || figures.Coverage <= 0.91);
        bool narrow = Score(figures) <= MostScore;
        return rows <= LongRows ? "" : (held, narrow) switch
        {
            (true, true) => " good",
            (false, true) => " COVERAGE",
            (true, false) => " WIDE",
            _ => " COVERAGE, WIDE",
        };
    }
}
