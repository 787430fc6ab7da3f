using System.Collections;
using System.Text;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Writes options records as JSON with a comment above every key; secrets are masked.</summary>
/// <param name="comments">The comment of a property, or null.</param>
sealed class SettingsWriter(Func<System.Reflection.PropertyInfo, string?> comments)
{
    const int Width = 110;
    readonly StringBuilder _text = new();

    /// <summary>The whole tree. An empty list of records, or a record that is absent, shows its defaults, commented out.</summary>
    public string Write(object settings)
    {
        _text.Clear();
        WriteRecord(settings, "");
        return _text.Append('\n').ToString();
    }

    void WriteRecord(object record, string indent)
    {
        _text.Append("{\n");
        SettingsKey[] keys = SettingsKey.Of(record.GetType());
        for (int i = 0; i < keys.Length; i++)
        {
            object? value = keys[i].Property.GetValue(record);
            bool section = indent.Length == 0 || (value is not null && SettingsKey.IsRecord(value.GetType()));
            _text.Append(section && i > 0 ? "\n" : "");
            WriteComment(comments(keys[i].Property), indent + "  ");
            if (value is null && SettingsKey.IsRecord(keys[i].Property.PropertyType))
            {
                WriteExample(keys[i].Property.PropertyType, indent + "  ");
            }

            _text.Append($"{indent}  \"{keys[i].Name}\": ");
            WriteValue(keys[i], value, indent + "  ");
            _text.Append(i < keys.Length - 1 ? ",\n" : "\n");
        }

        _text.Append(indent).Append('}');
    }

    void WriteValue(SettingsKey key, object? value, string indent)
    {
        switch (value)
        {
            case null:
                _text.Append("null");
                break;
            case not "" when key.IsSecret:
                _text.Append($"\"{SecretAttribute.Mask}\"");
                break;
            case string:
                _text.Append(SettingsValue.Write(value));
                break;
            case IDictionary dictionary:
                WriteDictionary(dictionary, indent);
                break;
            case IList list when SettingsKey.EntryOf(key.Property.PropertyType) is { } entry && SettingsKey.IsRecord(entry):
                WriteRecords(list, entry, indent);
                break;
            case IList list:
                _text.Append('[').AppendJoin(", ", list.Cast<object?>().Select(SettingsValue.Write)).Append(']');
                break;
            case var nested when SettingsKey.IsRecord(nested.GetType()):
                WriteRecord(nested, indent);
                break;
            default:
                _text.Append(SettingsValue.Write(value));
                break;
        }
    }

    void WriteRecords(IList list, Type entry, string indent)
    {
        _text.Append("[\n");
        if (list.Count == 0)
        {
            WriteExample(entry, indent + "  ");
        }

        for (int i = 0; i < list.Count; i++)
        {
            _text.Append(indent).Append("  ");
            WriteRecord(list[i]!, indent + "  ");
            _text.Append(i < list.Count - 1 ? ",\n" : "\n");
        }

        _text.Append(indent).Append(']');
    }

    // What is absent by default is shown with its own defaults, commented out.
    void WriteExample(Type record, string indent)
    {
        string[] lines = new SettingsWriter(comments).Write(Activator.CreateInstance(record)!).TrimEnd().Split('\n');
        foreach (string line in lines.Where(line => line.Length > 0))
        {
            _text.Append(indent).Append("// ").Append(line).Append('\n');
        }
    }

    void WriteDictionary(IDictionary dictionary, string indent)
    {
        if (dictionary.Count == 0)
        {
            _text.Append("{}");
            return;
        }

        _text.Append("{\n");
        int left = dictionary.Count;
        foreach (DictionaryEntry entry in dictionary)
        {
            string name = (string)entry.Key;
            string text = SecretAttribute.Names(name) ? SettingsValue.Write(SecretAttribute.Mask) : SettingsValue.Write(entry.Value);
            _text.Append($"{indent}  {SettingsValue.Write(name)}: {text}").Append(--left > 0 ? ",\n" : "\n");
        }

        _text.Append(indent).Append('}');
    }

    void WriteComment(string? comment, string indent)
    {
        if (comment is null)
        {
            return;
        }

        StringBuilder line = new();
        foreach (string word in comment.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Length > 0 && indent.Length + 3 + line.Length + 1 + word.Length > Width)
            {
                _text.Append(indent).Append("// ").Append(line).Append('\n');
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        _text.Append(indent).Append("// ").Append(line).Append('\n');
    }
}
