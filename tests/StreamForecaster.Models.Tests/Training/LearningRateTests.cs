namespace StreamForecaster.Models.Tests.Training;

public sealed class LearningRateTests
{
    [Fact]
    public void At_WarmUpCosine_RisesThenFallsToItsFinalShare()
    {
        LearningRate rate = new(new TrainingOptions { LearningRate = 2, WarmUpSteps = 4, TotalSteps = 104, FinalShare = .1 });
        Assert.Equal(.5, rate.At(0), 1e-12);
        Assert.Equal(2, rate.At(3), 1e-12);
        Assert.Equal(2, rate.At(4), 1e-12);
        Assert.Equal(1.1, rate.At(54), 1e-12);
        Assert.Equal(.2, rate.At(104), 1e-12);
        Assert.Equal(.2, rate.At(1_000_000), 1e-12);
    }

    [Fact]
    public void At_Constant_StaysThroughAnyStepAndValidation()
    {
        LearningRate rate = new(new TrainingOptions { LearningRate = .3, Schedule = ScheduleKind.Constant });
        for (int i = 0; i < 20; i++) rate.ObserveValidation(1);
        Assert.All((long[])[0, 1, 499, 1_000_000], step => Assert.Equal(.3, rate.At(step)));
    }

    [Fact]
    public void At_ReduceOnPlateau_FallsAfterThePatience()
    {
        LearningRate rate = new(new TrainingOptions { LearningRate = 1, Schedule = ScheduleKind.ReduceOnPlateau, PlateauPatience = 2, PlateauFactor = .5 });
        foreach (double loss in (double[])[3, 2, 2.5, 1.9, 1.95]) rate.ObserveValidation(loss);
        Assert.Equal(1, rate.At(9));
        rate.ObserveValidation(1.9);
        Assert.Equal(.5, rate.At(9));
    }

    [Fact]
    public void EarlyStop_NoGain_StopsAndRestoresTheBest()
    {
        Forecaster model = Cases.Model(new ModelSpec { HiddenSize = 4 });
        EarlyStop stop = new(model, patience: 2);
        Assert.False(stop.Observe(1));
        float[] best = model.Weights.Values.ToArray();
        model.Weights.Edit().Fill(7);
        Assert.False(stop.Observe(1));
        Assert.True(stop.Observe(double.NaN));
        stop.RestoreBest();
        Assert.Equal(best, model.Weights.Values.ToArray());
    }
}
