using System.Text;

namespace StreamForecaster.Decoding;

/// <summary>The configured paths as a tree of property names, so that one walk over an object finds all.</summary>
sealed class MappingNode(string name)
{
    readonly List<MappingNode> _children = [];

    /// <summary>What a value at the end of a path is.</summary>
    public enum Kind
    {
        None,
        Name,
        Time,
        Tag,
        Value,
    }

    /// <summary>The property's name, UTF-8.</summary>
    public byte[] Property { get; } = Encoding.UTF8.GetBytes(name);

    /// <summary>What lies here.</summary>
    public Kind Role { get; private set; }

    /// <summary>The tag's or field's name, UTF-8.</summary>
    public byte[] Target { get; private set; } = [];

    /// <summary>True where paths go on from here.</summary>
    public bool HasChildren => _children.Count > 0;

    /// <summary>Makes the tree.</summary>
    /// <exception cref="FormatException">No value has a path, or two parts share one.</exception>
    public static MappingNode Of(FieldMapping mapping)
    {
        var root = new MappingNode("");
        if (mapping.Values.Count == 0)
        {
            throw new FormatException("values is empty: at least one field needs a path, such as {\"temp\": \"sensor.temp\"}");
        }

        if (mapping.Name.StartsWith("$.", StringComparison.Ordinal))
        {
            root.Add(mapping.Name[2..], Kind.Name, "name");
        }

        if (mapping.Time is not null)
        {
            root.Add(mapping.Time, Kind.Time, "time");
        }

        foreach ((string tag, string path) in mapping.Tags)
        {
            root.Add(path, Kind.Tag, tag);
        }

        foreach ((string field, string path) in mapping.Values)
        {
            root.Add(path, Kind.Value, field);
        }

        return root;
    }

    /// <summary>What is wrong with a mapping, or null.</summary>
    public static string? Unsound(FieldMapping mapping)
    {
        try
        {
            Of(mapping);
            return null;
        }
        catch (FormatException wrong)
        {
            return wrong.Message;
        }
    }

    /// <summary>The node of a property, or null.</summary>
    public MappingNode? Find(ReadOnlySpan<byte> property)
    {
        foreach (MappingNode child in _children)
        {
            if (property.SequenceEqual(child.Property))
            {
                return child;
            }
        }

        return null;
    }

    void Add(string path, Kind role, string target)
    {
        MappingNode node = this;
        foreach (string part in (path.StartsWith("$.", StringComparison.Ordinal) ? path[2..] : path).Split('.'))
        {
            MappingNode? next = node.Find(Encoding.UTF8.GetBytes(part));
            if (next is null)
            {
                next = new(part);
                node._children.Add(next);
            }

            node = next;
        }

        if (node.Role != Kind.None)
        {
            throw new FormatException($"the path '{path}' is given twice, for '{target}' and for another part");
        }

        node.Role = role;
        node.Target = Encoding.UTF8.GetBytes(target);
    }
}
