using StreamForecaster.Worker.Publishing;

namespace StreamForecaster.Worker.Tests.Publishing;

public sealed class AcknowledgedPrefixTests
{
    [Fact]
    public void Offset_NothingAcknowledged_IsMinusOne()
    {
        AcknowledgedPrefix prefix = new();
        prefix.Issue(10);
        Assert.Equal(-1, prefix.Offset);
        Assert.Equal(1, prefix.Waiting);
    }

    [Fact]
    public void Acknowledge_OutOfOrder_MovesOnlyTheLongestPrefix()
    {
        AcknowledgedPrefix prefix = new();
        long[] tickets = [prefix.Issue(10), prefix.Issue(20), prefix.Issue(20), prefix.Issue(30)];
        prefix.Acknowledge(tickets[1]);
        Assert.Equal(-1, prefix.Offset);
        prefix.Acknowledge(tickets[0]);
        Assert.Equal(20, prefix.Offset);
        prefix.Acknowledge(tickets[3]);
        Assert.Equal(20, prefix.Offset);
        prefix.Acknowledge(tickets[2]);
        Assert.Equal(30, prefix.Offset);
        Assert.Equal(0, prefix.Waiting);
    }

    [Fact]
    public void Acknowledge_TicketTwice_Throws()
    {
        AcknowledgedPrefix prefix = new();
        long ticket = prefix.Issue(10);
        prefix.Acknowledge(ticket);
        Assert.Throws<ArgumentOutOfRangeException>(() => prefix.Acknowledge(ticket));
    }

    [Fact]
    public void Acknowledge_AnyPermutation_EqualsTheDefinition()
    {
        Random random = new(17);
        for (int round = 0; round < 200; round++)
        {
            AcknowledgedPrefix prefix = new();
            int count = random.Next(1, 300);
            long[] tickets = [.. Enumerable.Range(1, count).Select(i => prefix.Issue(i * 10L))];
            bool[] done = new bool[count];
            int[] order = [.. Enumerable.Range(0, count)];
            random.Shuffle(order);
            foreach (int i in order)
            {
                prefix.Acknowledge(tickets[i]);
                done[i] = true;
                int length = Array.IndexOf(done, value: false);
                Assert.Equal(length == 0 ? -1 : (length < 0 ? count : length) * 10L, prefix.Offset);
            }
        }
    }
}
