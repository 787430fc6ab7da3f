using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace StreamForecaster.Worker.Configuration;

/// <summary>The summaries of options' properties, from the documentation files that the compiler writes beside the assemblies.</summary>
sealed partial class SettingsComments
{
    readonly Dictionary<string, string> _summaries = new(StringComparer.Ordinal);
    readonly HashSet<Assembly> _read = [];

    /// <summary>The summary of a property, with what an enum offers; null where the documentation file is not there.</summary>
    public string? Of(PropertyInfo property)
    {
        Type type = Nullable.GetUnderlyingType(property.PropertyType) ?? property.PropertyType;
        string? summary = Summary($"P:{property.DeclaringType!.FullName}.{property.Name}", property.DeclaringType.Assembly);
        return type.IsEnum && summary is not null
            ? $"{summary} One of: {string.Join(", ", Enum.GetNames(type).Select(SettingsValue.Kebab))}."
            : summary;
    }

    string? Summary(string member, Assembly assembly)
    {
        if (_read.Add(assembly))
        {
            Read(Path.ChangeExtension(assembly.Location, ".xml"));
        }

        return _summaries.GetValueOrDefault(member);
    }

    void Read(string file)
    {
        if (!File.Exists(file))
        {
            return;
        }

        foreach (XElement member in XDocument.Load(file).Descendants("member"))
        {
            if (member.Element("summary") is { } summary && member.Attribute("name")?.Value is { } name && name.StartsWith("P:", StringComparison.Ordinal))
            {
                string text = string.Concat(summary.Nodes().Select(Text));
                _summaries[name] = Spaces().Replace(text, " ").Trim();
            }
        }
    }

    static string Text(XNode node) => node switch
    {
        XElement { Name.LocalName: "see" or "paramref" } element =>
            element.Attribute("langword")?.Value ?? Named((element.Attribute("cref") ?? element.Attribute("name"))?.Value ?? ""),
        XElement element => element.Value,
        _ => node.ToString().Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal).Replace("&amp;", "&", StringComparison.Ordinal),
    };

    // A reference to a property is the key it is set by, one to a member of an enum the value it is written as.
    static string Named(string reference)
    {
        string name = reference.Split('.', ':')[^1];
        return reference.StartsWith("P:", StringComparison.Ordinal) ? System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name)
            : reference.StartsWith("F:", StringComparison.Ordinal) ? SettingsValue.Kebab(name)
            : name;
    }

    [GeneratedRegex(@"\s+", RegexOptions.NonBacktracking)]
    private static partial Regex Spaces();
}
