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
    [InlineData("date,a\n2024-01-01,1\n\n2024-01-02,1,2\n", "line 4: wants 2 fields as the header has, has 3: \"2024-01-02,1,2\".")]
    [InlineData("date,a\n12/01/2024 00:00,1\n13/01/2024 00:00,1\n", "line 3: \"13/01/2024 00:00\" is no time; allowed: 2024-01-31 13:45 or another form of ISO 8601, 01/31/2024 13:45 (month first), or a number of s, ms, µs or ns since 1970.")]
    [InlineData("date,a\n2024-01-01,1\n", "wants at least two rows under the header, has 1.")]
    [InlineData("", "no column \"date\"; there are .")]
    public void Read_WhatIsNoTable_IsRefusedInALine(string text, string wanted)
    {
        string message = Assert.Throws<InvalidDataException>(() => Read(text)).Message;
        Assert.EndsWith(wanted, message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', message);
    }

    [Theory]
    [InlineData("date,a\n2024-01-01,1\n2024-01-02,\n2024-01-03,NaN\n")]
    [InlineData(",date,a\n0,2024-01-01,1\n1,2024-01-02,2\n", "column 1 is left out: it has no name")]
    [InlineData(
        "date,a,b,city,none\n2024-01-01,1,\"1,234.5\",Oslo,\n2024-01-02,2,\"1,234.6\",Rome,\n",
        "column \"b\" is left out: it has no number such as 1234.5, its first cell is \"1,234.5\" on line 2",
        "column \"city\" is left out: it has no number such as 1234.5, its first cell is \"Oslo\" on line 2",
        "column \"none\" is left out: it has no values")]
    [InlineData(
        "date,a\n2024-01-01,999.5\n2024-01-02,\"1,234.5\"\n2024-01-03,inf\n",
        "column \"a\": 2 cells are no number such as 1234.5 and count as missing, the first is \"1,234.5\" on line 3")]
    [InlineData(
        "date,a\n2024-01-03,1\n2024-01-02,2\n2024-01-01,3\n",
        "2 rows are earlier than the row before them, the first on line 3 (2024-01-02); rows should be in time order, and are taken in the file's order")]
    public void Read_WhatIsNotAsItShouldBe_IsToldInALine(string text, params string[] wanted)
    {
        using StringWriter notes = new() { NewLine = "\n" };
        Read(text, notes);
        Assert.Equal(string.Concat(wanted.Select(line => $"{TablePath}: {line}\n")), notes.ToString());
    }

    string TablePath => Path.Combine(_folder, "table.csv");

    SeriesTable Read(string text, TextWriter? notes = null)
    {
        File.WriteAllText(TablePath, text);
        return SeriesTableReader.Read(TablePath, "date", notes: notes);
    }
}
