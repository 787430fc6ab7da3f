using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>Compares a challenger with champion, anchor and last value on the windows of a stratum.</summary>
static class StratumJudge
{
    // A series whose targets stay below this, in scaled units, did not move: it says nothing about a forecaster.
    const double MovedMin = 1e-4;

    /// <summary>Judges on slots in the order (series, time). No champion means that the last value is to beat.</summary>
    public static StratumLosses Judge(
        WindowLosses measure, SampleStore store, int[] slots, Forecaster challenger, Forecaster? champion, Forecaster? anchor)
    {
        var (last, lastAbsolute) = measure.Measure(null, store, slots);
        var (own, ownAbsolute) = measure.Measure(challenger, store, slots);
        double[] theirs = champion is null ? last : measure.Measure(champion, store, slots).Pinball;
        double[] anchored = anchor is null || ReferenceEquals(anchor, champion) ? theirs : measure.Measure(anchor, store, slots).Pinball;
        SampleInfo[] infos = Array.ConvertAll(slots, slot => store.Info(slot));

        PairedLosses againstLast = new(), againstChampion = new(), againstAnchor = new();
        double ownSum = 0, theirSum = 0, lastSum = 0;
        int series = 0;
        for (int from = 0, to; from < slots.Length; from = to)
        {
            to = from + 1;
            while (to < slots.Length && infos[to].Series == infos[from].Series)
            {
                to++;
            }

            Range range = from..to;
            double moved = PairedLosses.WeightedMean(lastAbsolute[range], infos[range]);
            if (!(moved > MovedMin))
            {
                continue;
            }

            double lastMean = PairedLosses.WeightedMean(last[range], infos[range]);
            double floor = 1e-3 * lastMean;
            againstLast.Add(ownAbsolute[range], lastAbsolute[range], infos[range], 0);
            againstChampion.Add(own[range], theirs[range], infos[range], floor);
            againstAnchor.Add(own[range], anchored[range], infos[range], floor);
            ownSum += PairedLosses.WeightedMean(own[range], infos[range]);
            theirSum += PairedLosses.WeightedMean(theirs[range], infos[range]);
            lastSum += lastMean;
            series++;
        }

        int divisor = Math.Max(series, 1);
        return new(
            slots.Length, series, ownSum / divisor, theirSum / divisor, lastSum / divisor,
            againstChampion.Result(), againstLast.Result(), againstAnchor.Result());
    }
}
