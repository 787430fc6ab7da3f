using StreamForecaster.Learning;

namespace StreamForecaster.Tests.Learning;

public sealed class GateTests
{
    static readonly Comparison Better = new(0.8, 0.01);
    static readonly Comparison Same = new(1, 0.01);
    static readonly Comparison Worse = new(1.1, 0.01);

    [Fact]
    public void Judge_AWinWithoutAPast_Passes() => Assert.True(Gate.Judge(Recent(Better, Better), null, 0.01).Passed);

    [Fact]
    public void Judge_AWinThatForgetsNothing_Passes() =>
        Assert.True(Gate.Judge(Recent(Better, Better), Reservoir(Same, Same), 0.01).Passed);

    [Fact]
    public void Judge_NoWinAgainstTheLastValue_KeepsTheChampion() =>
        AssertKept("last value", Gate.Judge(Recent(Better, Same), null, 0.01));

    [Fact]
    public void Judge_NoWinAgainstTheChampion_KeepsIt() => AssertKept("clearly win", Gate.Judge(Recent(Same, Better), null, 0.01));

    [Fact]
    public void Judge_AWinWithinChance_KeepsTheChampion() =>
        AssertKept("clearly win", Gate.Judge(Recent(new(0.8, 0.2), Better), null, 0.01));

    [Fact]
    public void Judge_ALossOnTheReservoir_KeepsTheChampion() =>
        AssertKept("forgets", Gate.Judge(Recent(Better, Better), Reservoir(Worse, Same), 0.01));

    [Fact]
    public void Judge_ManySmallLossesToAnOlderChampion_KeepTheChampion() =>
        AssertKept("older champion", Gate.Judge(Recent(Better, Better), Reservoir(Same, Worse), 0.01));

    [Fact]
    public void Judge_ADoubtfulLoss_IsGrantedTwoMarginsAtMost() =>
        AssertKept("forgets", Gate.Judge(Recent(Better, Better), Reservoir(new(1.05, 1), Same), 0.01));

    [Fact]
    public void Judge_NothingMoved_KeepsTheChampion() =>
        AssertKept("nothing moves", Gate.Judge(Recent(Better, Better) with { Series = 0 }, null, 0.01));

    [Fact]
    public void Judge_ARatioThatIsNoNumber_KeepsTheChampion() =>
        Assert.False(Gate.Judge(Recent(new(double.NaN, 0), Better), null, 0.01).Passed);

    [Fact]
    public void Judge_AnyVerdict_TellsBothLosses()
    {
        string reason = Gate.Judge(Recent(Better, Better), Reservoir(Same, Same), 0.01).Reason;

        Assert.Equal(
            "the challenger won: recent loss 0.8 against 1 (last value 2) on 40 windows, reservoir 0.9 against 0.9 on 50", reason);
    }

    static void AssertKept(string why, Verdict verdict)
    {
        Assert.False(verdict.Passed);
        Assert.Contains(why, verdict.Reason, StringComparison.Ordinal);
    }

    static StratumLosses Recent(Comparison champion, Comparison lastValue) => new(40, 4, 0.8, 1, 2, champion, lastValue, Same);

    static StratumLosses Reservoir(Comparison champion, Comparison anchor) => new(50, 4, 0.9, 0.9, 2, champion, Better, anchor);
}
