using System.Runtime.Intrinsics;
using StreamForecaster.Scoring;

namespace StreamForecaster.Tests.Scoring;

public sealed class DecadesTests
{
    [Fact]
    public void Log10_OfEightAtOnce_IsTheSameToTheBit()
    {
        for (var x = 1e-30f; x < 1e30f; x *= 1.7f)
        {
            var eight = Decades.Log10(Vector256.Create(x, 2, 0.5f, 1, 10, x / 3, float.MaxValue, 1e-6f));

            Assert.Equal(Decades.Log10(x), eight[0]);
            Assert.Equal(Decades.Log10(x / 3), eight[5]);
            Assert.Equal(Decades.Log10(float.MaxValue), eight[6]);
            Assert.Equal(Math.Log10(x), eight[0], 4e-6);
        }
    }
}
