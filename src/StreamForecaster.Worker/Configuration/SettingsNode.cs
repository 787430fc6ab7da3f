namespace StreamForecaster.Worker.Configuration;

/// <summary>A piece of the settings as written, before it is known what it should be: an object, a list or one value.</summary>
sealed class SettingsNode
{
    /// <summary>The keys of an object, as they were first written; null where this is none.</summary>
    public Dictionary<string, SettingsNode>? Keys { get; private set; }

    /// <summary>The entries of a list by index; null where this is none.</summary>
    public SortedDictionary<int, SettingsNode>? Entries { get; private set; }

    /// <summary>One value as text; null where this is an object, a list or JSON's null.</summary>
    public string? Text { get; private set; }

    /// <summary>What kind of JSON value <see cref="Text"/> was; variables of the environment are all text.</summary>
    public SettingsValueKind Kind { get; private set; }

    /// <summary>The variable of the environment that set this, or null where the file did.</summary>
    public string? Variable { get; private set; }

    /// <summary>An empty object.</summary>
    public static SettingsNode Object() => new() { Keys = new(StringComparer.OrdinalIgnoreCase), Kind = SettingsValueKind.Object };

    /// <summary>An empty list.</summary>
    public static SettingsNode List() => new() { Entries = [], Kind = SettingsValueKind.List };

    /// <summary>One value.</summary>
    public static SettingsNode Value(SettingsValueKind kind, string? text) => new() { Kind = kind, Text = text };

    /// <summary>Lays a variable's value over what is there; parts of the way that are missing are made.</summary>
    /// <param name="way">The keys and list indexes down to the value.</param>
    /// <param name="text">The value.</param>
    /// <param name="variable">The variable's name, for messages.</param>
    public void Set(ReadOnlySpan<string> way, string text, string variable)
    {
        if (way.IsEmpty)
        {
            (Keys, Entries, Kind, Text, Variable) = (null, null, SettingsValueKind.Text, text, variable);
            return;
        }

        bool indexed = int.TryParse(way[0], System.Globalization.NumberStyles.None, null, out int index);
        if (indexed && Keys is null)
        {
            Entries ??= [];
            (Kind, Text) = (SettingsValueKind.List, null);
            Child(Entries, index, variable).Set(way[1..], text, variable);
            return;
        }

        Keys ??= new(StringComparer.OrdinalIgnoreCase);
        (Kind, Text, Entries) = (SettingsValueKind.Object, null, null);
        Child(Keys, way[0], variable).Set(way[1..], text, variable);
    }

    static SettingsNode Child<TKey>(IDictionary<TKey, SettingsNode> children, TKey key, string variable)
    {
        if (!children.TryGetValue(key, out SettingsNode? child))
        {
            children[key] = child = new() { Kind = SettingsValueKind.Null, Variable = variable };
        }

        return child;
    }
}

/// <summary>The kinds of values that settings are written in.</summary>
enum SettingsValueKind
{
    /// <summary>JSON's null.</summary>
    Null,

    /// <summary>A string, or anything from the environment.</summary>
    Text,

    /// <summary>A JSON number.</summary>
    Number,

    /// <summary>JSON's true or false.</summary>
    Boolean,

    /// <summary>A JSON object.</summary>
    Object,

    /// <summary>A JSON array.</summary>
    List,
}
