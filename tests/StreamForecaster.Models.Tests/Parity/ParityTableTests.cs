using System.Globalization;
using System.Text;

namespace StreamForecaster.Models.Tests.Parity;

/// <summary>The table in docs/MODELS.md: written by this test with WRITE_DOCS=1, otherwise held to have every row.</summary>
public sealed class ParityTableTests
{
    const string Begin = "<!-- parity: made by ParityTableTests with WRITE_DOCS=1 -->", End = "<!-- /parity -->";

    static readonly string[] Heads = Enum.GetNames<HeadKind>();

    [Fact]
    public void Table_InTheDocs_HasEveryForm()
    {
        string path = Path.Combine(Root(), "docs", "MODELS.md"), text = File.ReadAllText(path);
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, end = text.IndexOf(End, StringComparison.Ordinal);
        Assert.True(begin >= Begin.Length && end > begin, "the markers of the table are missing");
        if (Environment.GetEnvironmentVariable("WRITE_DOCS") is "1")
        {
            File.WriteAllText(path, text[..begin] + "\n" + Table() + text[end..]);
            return;
        }
        string table = text[begin..end];
        foreach (string row in Rows()) Assert.Contains($"| {row} |", table);
    }

    static IEnumerable<string> Rows() =>
        GoldenCase.Each.Select(c => Heads.FirstOrDefault(h => c.Name.EndsWith(' ' + h, StringComparison.Ordinal)) is { } head ? c.Name[..^(head.Length + 1)] : c.Name).Distinct();

    static string Table()
    {
        StringBuilder table = new();
        table.Append("| form | ").AppendJoin(" | ", Heads).Append(" |\n|---|").Append(string.Concat(Enumerable.Repeat("---|", Heads.Length))).Append('\n');
        foreach (string row in Rows())
        {
            string[] cells = [.. Heads.Select(h => Find($"{row} {h}") is { } golden ? Cell(golden) : "")];
            GoldenCase? single = Find(row);
            if (single is not null) cells[Array.IndexOf(Heads, single.Spec.Head.ToString())] = Cell(single);
            table.Append(CultureInfo.InvariantCulture, $"| {row} | ").AppendJoin(" | ", cells).Append(" |\n");
        }
        return table.ToString();
    }

    static GoldenCase? Find(string name) => GoldenCase.Each.FirstOrDefault(c => string.Equals(c.Name, name, StringComparison.Ordinal));

    static string Cell(GoldenCase golden)
    {
        Distance d = Distance.Of(golden);
        return string.Create(CultureInfo.InvariantCulture, $"{d.Forward:0.0e-0} · {d.Gradient:0.0e-0} · {d.Loss:0.0e-0}");
    }

    static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "StreamForecaster.sln"))) folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("the repository's root is not above the tests");
    }
}
