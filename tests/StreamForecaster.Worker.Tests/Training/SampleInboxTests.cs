using StreamForecaster.Learning;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Tests.Training;

public sealed class SampleInboxTests
{
    [Fact]
    public void Offer_ToAFullInbox_DropsTheOldestAndCountsIt()
    {
        var inbox = new SampleInbox(new SampleShape(1, 1, 0, 1), 3, 16);
        for (int i = 1; i <= 5; i++)
        {
            inbox.Offer(new(1, i, i + 1, 1), [i], [], [-i]);
        }

        List<(long, float, float)> taken = [];
        float[] floats = new float[2];
        while (inbox.TryTake(out SampleInfo info, floats))
        {
            taken.Add((info.OriginNs, floats[0], floats[1]));
        }

        Assert.Equal([(3, 3, -3), (4, 4, -4), (5, 5, -5)], taken);
        Assert.Equal(2, inbox.Dropped);
    }
}
