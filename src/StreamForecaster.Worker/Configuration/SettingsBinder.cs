using System.Reflection;

namespace StreamForecaster.Worker.Configuration;

/// <summary>
/// Makes options records of settings as written. It never stops at the first mistake: unknown keys and wrong values are all
/// gathered, each as one line <c>path: value … is not …; allowed: …</c>, and the default stays in a wrong value's place.
/// </summary>
sealed class SettingsBinder(List<string> errors)
{
    readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    /// <summary>Makes the whole tree of records, fills in secrets from their files, and checks every record's attributes.</summary>
    public T Bind<T>(SettingsNode root)
        where T : class, new()
    {
        T settings = new();
        Fill(settings, root, "");
        SecretFiles.Read(settings, "", errors);
        new SettingsRules(errors, _variables).Check(settings, "");
        return settings;
    }

    void Fill(object record, SettingsNode node, string path)
    {
        if (node.Keys is null)
        {
            Report(path, node, false, "an object", "{ \"key\": value }");
            return;
        }

        SettingsKey[] offered = SettingsKey.Of(record.GetType());
        foreach ((string written, SettingsNode child) in node.Keys)
        {
            // The environment has no case to speak of; the file has.
            StringComparison comparison = child.Variable is null ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase;
            SettingsKey? key = Array.Find(offered, key => string.Equals(key.Name, written, comparison));
            if (key is null)
            {
                string names = string.Join(", ", offered.Select(key => key.Name));
                errors.Add($"{Join(path, written)}: key \"{written}\" is not known; allowed: {names}{Named(child.Variable)}");
                continue;
            }

            if (TryMake(key.Property.PropertyType, key, key.Property.GetValue(record), child, Join(path, key.Name), out object? value))
            {
                key.Property.SetValue(record, value);
            }
        }
    }

    bool TryMake(Type declared, SettingsKey key, object? start, SettingsNode node, string path, out object? value)
    {
        value = null;
        if (node.Variable is not null)
        {
            _variables[path] = node.Variable;
        }

        if (node.Kind == SettingsValueKind.Null || (node.Variable is not null && node.Text?.Length == 0))
        {
            return key.TakesNull || Report(path, node, key.IsSecret, Wanted(declared));
        }

        Type type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (SettingsKey.EntryOf(type) is { } entry)
        {
            return TryMakeList(entry, key, node, path, out value);
        }

        if (SettingsKey.ValueOf(type) is { } held)
        {
            return TryMakeDictionary(held, key, node, path, out value);
        }

        if (SettingsKey.IsRecord(type))
        {
            value = start is null ? Activator.CreateInstance(type)! : Copy(start);
            Fill(value, node, path);
            return true;
        }

        return SettingsValue.TryRead(type, node, out value) || Report(path, node, key.IsSecret, Wanted(type));
    }

    bool TryMakeList(Type entry, SettingsKey key, SettingsNode node, string path, out object? value)
    {
        SettingsNode[]? nodes = node.Entries is not null ? [.. node.Entries.Values] : Split(node, entry);
        value = null;
        if (nodes is null)
        {
            return Report(path, node, key.IsSecret, "a list", "[ … ]");
        }

        if (node.Entries is not null && node.Entries.Keys.LastOrDefault(-1) != nodes.Length - 1)
        {
            errors.Add($"{path}: index {node.Entries.Keys.Last()} is not next in the list; allowed: 0 to {nodes.Length - 1} without a gap");
            return false;
        }

        Array list = Array.CreateInstance(entry, nodes.Length);
        bool whole = true;
        for (int i = 0; i < nodes.Length; i++)
        {
            bool made = TryMake(entry, key with { TakesNull = false }, null, nodes[i], $"{path}[{i}]", out object? item);
            whole &= made;
            if (made)
            {
                list.SetValue(item, i);
            }
        }

        value = list;
        return whole;
    }

    bool TryMakeDictionary(Type held, SettingsKey key, SettingsNode node, string path, out object? value)
    {
        value = null;
        if (node.Keys is null)
        {
            return Report(path, node, key.IsSecret, "an object", "{ \"key\": value }");
        }

        var dictionary = (System.Collections.IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(typeof(string), held))!;
        bool whole = true;
        foreach ((string name, SettingsNode child) in node.Keys)
        {
            SettingsKey item = key with { TakesNull = false, IsSecret = key.IsSecret || SecretAttribute.Names(name) };
            bool made = TryMake(held, item, null, child, Join(path, name), out object? entry);
            whole &= made;
            dictionary[name] = entry;
        }

        value = dictionary;
        return whole;
    }

    // A variable of the environment may give a list of plain values with commas between.
    static SettingsNode[]? Split(SettingsNode node, Type entry)
    {
        if (node.Variable is not { } variable || node.Text is null || SettingsKey.IsRecord(entry))
        {
            return null;
        }

        return [.. node.Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(text =>
        {
            SettingsNode one = SettingsNode.Value(SettingsValueKind.Text, text);
            one.Set([], text, variable);
            return one;
        })];
    }

    // Defaults may be shared between records: what is written into is a copy.
    static object Copy(object record) =>
        record.GetType().GetMethod("<Clone>$", BindingFlags.Public | BindingFlags.Instance)?.Invoke(record, null)
        ?? Activator.CreateInstance(record.GetType())!;

    static (string What, string Allowed) Wanted(Type type)
    {
        Type bare = Nullable.GetUnderlyingType(type) ?? type;
        return SettingsKey.EntryOf(bare) is not null ? ("a list", "[ … ]")
            : SettingsKey.ValueOf(bare) is not null || SettingsKey.IsRecord(bare) ? ("an object", "{ \"key\": value }")
            : SettingsValue.Describe(bare);
    }

    bool Report(string path, SettingsNode node, bool secret, (string What, string Allowed) wanted) =>
        Report(path, node, secret, wanted.What, wanted.Allowed);

    bool Report(string path, SettingsNode node, bool secret, string what, string allowed)
    {
        string shown = node.Kind switch
        {
            SettingsValueKind.Object => "{…}",
            SettingsValueKind.List => "[…]",
            SettingsValueKind.Null => "null",
            _ when secret => SecretAttribute.Mask,
            SettingsValueKind.Text => $"\"{Cut(node.Text!)}\"",
            _ => Cut(node.Text!),
        };
        errors.Add($"{(path.Length == 0 ? "settings" : path)}: value {shown} is not {what}; allowed: {allowed}{Named(node.Variable)}");
        return false;
    }

    static string Cut(string text) => text.Length <= 80 ? text : text[..80] + "…";

    static string Named(string? variable) => variable is null ? "" : $" (set by {variable})";

    static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
