using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace StreamForecaster.Forecasting;

/// <summary>
/// An error's size as a running mean of sizes takes it. One wild point in a hundred would widen the band of all the others, although it
/// is far beyond any band's end. Not a mere cut: after thousands of rows told exactly the mean is nothing, and has to find its
/// size within a few.
/// </summary>
static class ErrorScale
{
    /// <summary>What is beyond this many usual errors is wild: it counts as its geometric mean with them.</summary>
    const float Wild = 10;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Tame(float size, float usual) =>
        usual > 0 && size > Wild * usual ? MathF.Sqrt(size) * MathF.Sqrt(Wild * usual) : size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<float> Tame(Vector128<float> size, Vector128<float> usual)
    {
        var limit = Wild * usual;
        var wild = Vector128.GreaterThan(usual, Vector128<float>.Zero) & Vector128.GreaterThan(size, limit);
        return Vector128.ConditionalSelect(wild, Vector128.Sqrt(size) * Vector128.Sqrt(limit), size);
    }
}
