using System.ComponentModel;
using System.Globalization;
using System.Reflection;
using System.Text.Json;

namespace StreamForecaster.Worker.Configuration;

/// <summary>One value between its written form and its type: numbers, text, true and false, durations, enums, and what parses itself.</summary>
static class SettingsValue
{
    /// <summary>Reads a value of a type; false where the text is none of it.</summary>
    public static bool TryRead(Type type, SettingsNode node, out object? value)
    {
        value = null;
        string text = node.Text ?? "";
        bool number = node.Kind == SettingsValueKind.Number || node.Variable is not null;
        if (node.Kind is SettingsValueKind.Null or SettingsValueKind.Object or SettingsValueKind.List)
        {
            return false;
        }

        if (type == typeof(bool))
        {
            bool read = bool.TryParse(text, out bool truth) && (node.Kind == SettingsValueKind.Boolean || node.Variable is not null);
            value = truth;
            return read;
        }

        if (IsNumber(type))
        {
            return TryInfinity(type, text, out value) || (number && TryNumber(type, text, out value));
        }

        return type.IsEnum ? TryEnum(type, text, out value) : TryText(type, node.Kind, text, out value);
    }

    /// <summary>What a type takes, in words: "is not …" and "allowed: …".</summary>
    public static (string What, string Allowed) Describe(Type type)
    {
        if (type.IsEnum)
        {
            string names = string.Join(", ", Enum.GetNames(type).Select(Kebab));
            return ("one of the choices", names);
        }

        return type switch
        {
            _ when type == typeof(bool) => ("true or false", "true, false"),
            _ when type == typeof(string) => ("text", "text in quotes"),
            _ when type == typeof(TimeSpan) => ("a duration", Duration.Allowed),
            _ when type == typeof(Uri) => ("an address", "an absolute address such as \"http://localhost:8086\""),
            _ when type == typeof(double) || type == typeof(float) => ("a number", "numbers, \"inf\", \"-inf\""),
            _ when IsNumber(type) => ("a whole number", "whole numbers"),
            _ => ("readable", type.GetCustomAttribute<DescriptionAttribute>()?.Description ?? $"a {Kebab(type.Name).Replace('-', ' ')}"),
        };
    }

    /// <summary>A value as JSON.</summary>
    public static string Write(object? value) => value switch
    {
        null => "null",
        bool truth => truth ? "true" : "false",
        Enum choice => Quote(Kebab(choice.ToString())),
        TimeSpan duration => Quote(Duration.Format(duration)),
        string text => Quote(text),
        double.PositiveInfinity => "\"inf\"",
        double.NegativeInfinity => "\"-inf\"",
        _ when IsNumber(value.GetType()) => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture),
        IFormattable other => Quote(other.ToString(null, CultureInfo.InvariantCulture)),
        _ => Quote(value.ToString() ?? ""),
    };

    /// <summary>A name as settings write it in values: <c>AtLeastOnce</c> is <c>at-least-once</c>.</summary>
    public static string Kebab(string name) => JsonNamingPolicy.KebabCaseLower.ConvertName(name);

    static string Quote(string text) => JsonSerializer.Serialize(text, SettingsJson.Plain.String);

    static bool IsNumber(Type type) =>
        type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(float)
        || type == typeof(byte) || type == typeof(short) || type == typeof(uint) || type == typeof(ulong);

    // JSON has no number for "no limit".
    static bool TryInfinity(Type type, string text, out object? value)
    {
        value = text switch { "inf" => double.PositiveInfinity, "-inf" => double.NegativeInfinity, _ => null };
        return value is not null && type == typeof(double);
    }

    static bool TryNumber(Type type, string text, out object? value)
    {
        value = null;
        if (type == typeof(double) || type == typeof(float))
        {
            if (double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double real) && double.IsFinite(real))
            {
                value = type == typeof(double) ? real : (float)real;
            }
        }
        else if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal whole) && decimal.IsInteger(whole))
        {
            try
            {
                value = Convert.ChangeType(whole, type, CultureInfo.InvariantCulture);
            }
            catch (OverflowException)
            {
                return false;
            }
        }

        return value is not null;
    }

    static bool TryEnum(Type type, string text, out object? value)
    {
        string? name = Array.Find(Enum.GetNames(type), name => string.Equals(Kebab(name), text, StringComparison.OrdinalIgnoreCase));
        value = name is null ? null : Enum.Parse(type, name);
        return value is not null;
    }

    static bool TryText(Type type, SettingsValueKind kind, string text, out object? value)
    {
        value = null;
        if (type == typeof(string))
        {
            value = text;
            return kind == SettingsValueKind.Text;
        }

        if (type == typeof(TimeSpan))
        {
            bool read = Duration.TryParse(text, out TimeSpan duration);
            value = duration;
            return read;
        }

        if (type == typeof(Uri))
        {
            bool read = Uri.TryCreate(text, UriKind.Absolute, out Uri? address);
            value = address;
            return read;
        }

        return TryParsable(type, text, out value);
    }

    static bool TryParsable(Type type, string text, out object? value)
    {
        MethodInfo parse = type.GetMethod("TryParse", [typeof(string), typeof(IFormatProvider), type.MakeByRefType()])
            ?? throw new NotSupportedException($"{type} is no type for a setting: it has no TryParse(string, IFormatProvider, out {type.Name})");
        object?[] arguments = [text, CultureInfo.InvariantCulture, null];
        bool read = (bool)parse.Invoke(null, arguments)!;
        value = arguments[2];
        return read;
    }
}
