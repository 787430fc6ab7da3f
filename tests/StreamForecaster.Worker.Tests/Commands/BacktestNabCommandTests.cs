using System.CommandLine;
using System.Globalization;
using StreamForecaster.Worker.Commands;

namespace StreamForecaster.Worker.Tests.Commands;

public sealed class BacktestNabCommandTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("nab").FullName;

    public void Dispose() => Directory.Delete(_folder, true);

    [Fact]
    public void Nab_FilesOutOfTheOrdinary_GetAScoreForEveryRow()
    {
        string[] rows = [.. Enumerable.Range(0, 300).Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{DateTime.UnixEpoch.AddMinutes(5 * row):yyyy-MM-dd HH:mm:ss},{Math.Sin(row * 0.5) + (row % 7)}"))];
        Write("short.csv", rows[..40]);
        Write("headeronly.csv");
        Write("gaps.csv", [.. rows.Where(static (_, row) => row is < 100 or > 180)]);
        Write("twice.csv", [.. rows.SelectMany(static row => new[] { row, row })]);
        Write("unsorted.csv", [.. rows[..150], .. rows[200..], .. rows[150..200]]);
        Write("holes.csv", [.. rows.Select(static (row, i) => i % 9 == 0 ? row[..20] : row)]);

        var (code, output, _) = Run();

        Assert.Equal(0, code);
        Assert.StartsWith("6 files, ", output, StringComparison.Ordinal);
        foreach (string file in Directory.GetFiles(Path.Combine(_folder, "data")))
        {
            string[] told = File.ReadAllLines(Path.Combine(_folder, "out", Path.GetFileName(file)));
            string[] given = File.ReadAllLines(file);
            Assert.Equal(given.Skip(1), told.Skip(1).Select(static line => string.Join(',', line.Split(',')[..2])));
            Assert.All(told.Skip(1), static line => Assert.InRange(double.Parse(line.Split(',')[2], CultureInfo.InvariantCulture), 0, 1));
        }
    }

    [Fact]
    public void Nab_AFileWithAnotherColumn_IsRefusedInALine()
    {
        Write("labelled.csv", "timestamp,value,label", "2024-01-01 00:00:00,1,0");

        var (code, _, error) = Run();

        Assert.Equal(2, code);
        Assert.EndsWith("labelled.csv: wanted are the columns timestamp,value; there are timestamp,value,label", error.TrimEnd(), StringComparison.Ordinal);
    }

    void Write(string name, params string[] rows)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "data")).FullName;
        File.WriteAllLines(Path.Combine(folder, name), rows is ["timestamp,value,label", ..] ? rows : rows.Prepend("timestamp,value"));
    }

    (int Code, string Output, string Error) Run()
    {
        using StringWriter output = new(CultureInfo.InvariantCulture);
        using StringWriter error = new(CultureInfo.InvariantCulture);
        string[] args = ["--data", Path.Combine(_folder, "data"), "--out", Path.Combine(_folder, "out")];
        int code = BacktestNabCommand.Create().Parse(args).Invoke(new InvocationConfiguration { Output = output, Error = error });
        return (code, output.ToString(), error.ToString());
    }
}
