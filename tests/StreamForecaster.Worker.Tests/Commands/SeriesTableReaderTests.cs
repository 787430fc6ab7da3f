using StreamForecaster.Backtesting;
using StreamForecaster.Worker.Commands.Backtests;

namespace StreamForecaster.Worker.Tests.Commands;

/// <summary>Files as others have them: what separates fields, what is a series, what is missing.</summary>
public sealed class SeriesTableReaderTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("table").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Theory]
    [InlineData("date,a,b\n2024-01-01,1,2\n2024-01-02,3,4\n")]
    [InlineData("date\ta\tb\n2024-01-01\t1\t2\n2024-01-02\t3\t4\n")]
    [InlineData("date;a;b\n2024-01-01;1;2\n2024-01-02;3;4\n")]
    [InlineData("\"date\",\"a\",\"b\"\r\n\"2024-01-01\",\"1\",\"2\"\r\n\"2024-01-02\",\"3\",\"4\"\r\n")]
    [InlineData("a,date,b\n1,2024/01/01 00:00,2\n3,2024/01/02 00:00,4")]
    [InlineData(",date,a,b\n0,1704067200,1,2\n1,1704153600,3,4\n")]
    [InlineData("date,a,b,city,none\n2024-01-01T00:00:00Z,1,2,Oslo,\n\n2024-01-02T02:00:00+02:00,3,4,Rome,\n\n\n")]
    public void Read_HoweverItIsWritten_IsTheSameTable(string text)
    {
        SeriesTable table = Read(text);
        Assert.Equal(["a", "b"], table.Names);
        Assert.Equal([1, 3], table.Columns[0]);
        Assert.Equal([2, 4], table.Columns[1]);
        Assert.Equal(86_400L * 1_000_000_000, table.StepNs);
        Assert.Equal(new DateTimeOffset(2024, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds() * 1_000_000_000, table.Times[0].UnixNs);
    }

    [Fact]
    public void Read_ACellThatIsNoNumber_IsMissing() =>
        Assert.Equal([1, double.NaN, double.NaN, 2], Read("date,a\n2024-01-01,1\n2024-01-02,\n2024-01-03,inf\n2024-01-04,2\n").Columns[0]);

    [Theory]
    [InlineData("date,city\n2024-01-01,Oslo\n2024-01-02,Rome\n", "no column of numbers beside the time; there are date, city.")]
    [InlineData("date,a\n2024-01-01,1\n\n2024-01-02,1,2\n", "line 4: wants 2 fields and a time in field 1, has \"2024-01-02,1,2\".")]
    [InlineData("date,a\n2024-01-01,1\n", "wants at least two rows under the header, has 1.")]
    [InlineData("", "no column \"date\"; there are .")]
    public void Read_WhatIsNoTable_IsRefusedInALine(string text, string wanted)
    {
        string message = Assert.Throws<InvalidDataException>(() => Read(text)).Message;
        Assert.EndsWith(wanted, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    SeriesTable Read(string text)
    {
        string path = Path.Combine(_folder, "table.csv");
        File.WriteAllText(path, text);
        return SeriesTableReader.Read(path, "date");
    }
}
