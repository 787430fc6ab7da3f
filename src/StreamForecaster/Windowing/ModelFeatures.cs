using StreamForecaster.Forecasting;

namespace StreamForecaster.Windowing;

/// <summary>What a model sees of one step: [scaled value, gap flag, sin and cos of the hour, sin and cos of the week day, change since the step
/// before].</summary>
public static class ModelFeatures
{
    /// <summary>The features a step.</summary>
    public const int Count = 7;

    /// <summary>The index of the gap flag.</summary>
    public const int Gap = 1;

    // Beyond this many scales a value says no more than "far out": the encoder saturates there anyway.
    const float ValueMax = 8;
    // Beyond three usual changes a change says no more than "a jump": so clipped, a single spike does not rule a regression (RECIPES 2).
    const float ChangeMax = 3;
    const float ChangeWeight = 0.5f;
    const int SecondsOfDay = 86_400;

    /// <summary>Fills the features of one step. A cycle that the step does not divide into at least two is left at zero.</summary>
    /// <param name="to">[<see cref="Count"/>].</param>
    /// <param name="scaled">The value in the series' scale.</param>
    /// <param name="change">The change since the step before, in the series' usual changes.</param>
    /// <param name="missing">True where the step was filled.</param>
    /// <param name="time">The step's time.</param>
    public static void Fill(Span<float> to, float scaled, float change, bool missing, in StepTime time)
    {
        to[0] = Math.Clamp(scaled, -ValueMax, ValueMax);
        to[Gap] = missing ? 1 : 0;
        to[6] = ChangeWeight * Math.Clamp(change, -ChangeMax, ChangeMax);
        to[2] = to[3] = to[4] = to[5] = 0;
        if (time.StepSeconds <= SecondsOfDay / 2)
        {
            (to[2], to[3]) = MathF.SinCos(MathF.Tau * time.SecondOfDay / SecondsOfDay);
        }

        if (time.StepSeconds <= SecondsOfDay * 3)
        {
            float day = time.DayOfWeek + ((float)time.SecondOfDay / SecondsOfDay);
            (to[4], to[5]) = MathF.SinCos(MathF.Tau * day / 7);
        }
    }
}
