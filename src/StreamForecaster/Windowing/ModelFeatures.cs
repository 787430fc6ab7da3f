using StreamForecaster.Forecasting;

namespace StreamForecaster.Windowing;

/// <summary>What a model sees of one step: [scaled value, gap flag, sin and cos of the hour, sin and cos of the week day].</summary>
public static class ModelFeatures
{
    /// <summary>The features a step.</summary>
    public const int Count = 6;

    /// <summary>The index of the gap flag.</summary>
    public const int Gap = 1;

    // Beyond this many scales a value says no more than "far out": the encoder saturates there anyway.
    const float ValueMax = 8;
    const int SecondsOfDay = 86_400;

    /// <summary>Fills the features of one step. A cycle that the step does not divide into at least two is left at zero.</summary>
    /// <param name="to">[<see cref="Count"/>].</param>
    /// <param name="scaled">The value in the series' scale.</param>
    /// <param name="missing">True where the step was filled.</param>
    /// <param name="time">The step's time.</param>
    public static void Fill(Span<float> to, float scaled, bool missing, in StepTime time)
    {
        to[0] = Math.Clamp(scaled, -ValueMax, ValueMax);
        to[Gap] = missing ? 1 : 0;
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
