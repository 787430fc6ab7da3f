using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Checks the validation attributes of every options record in a tree; what breaks one is a line like the binder's.</summary>
/// <param name="errors">Where the lines go.</param>
/// <param name="variables">The variable of the environment that set a path, where one did.</param>
sealed class SettingsRules(List<string> errors, IReadOnlyDictionary<string, string> variables)
{
    /// <summary>Checks a record and everything in it.</summary>
    public void Check(object record, string path)
    {
        foreach (SettingsKey key in SettingsKey.Of(record.GetType()))
        {
            string at = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            object? value = key.Property.GetValue(record);
            CheckAttributes(record, key, value, at);
            Walk(value, at);
        }

        // The attributes of the type's own making: rules between two keys.
        if (record is IValidatableObject between)
        {
            foreach (ValidationResult broken in between.Validate(new(record)))
            {
                string member = broken.MemberNames.FirstOrDefault() is { } name ? System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(name) : "";
                string at = string.Join('.', new[] { path, member }.Where(part => part.Length > 0));
                errors.Add($"{at}: {broken.ErrorMessage}{Named(at)}");
            }
        }
    }

    void Walk(object? value, string path)
    {
        switch (value)
        {
            case null or string:
                break;
            case IDictionary dictionary:
                foreach (DictionaryEntry entry in dictionary)
                {
                    Walk(entry.Value, $"{path}.{entry.Key}");
                }

                break;
            case IList list:
                for (int i = 0; i < list.Count; i++)
                {
                    Walk(list[i], $"{path}[{i}]");
                }

                break;
            case var nested when SettingsKey.IsRecord(nested.GetType()):
                Check(nested, path);
                break;
        }
    }

    void CheckAttributes(object record, SettingsKey key, object? value, string path)
    {
        foreach (ValidationAttribute rule in key.Property.GetCustomAttributes(typeof(ValidationAttribute), true))
        {
            if (value is IList list && rule is RangeAttribute or AllowedValuesAttribute or RegularExpressionAttribute && value is IList entries)
            {
                for (int i = 0; i < entries.Count; i++)
                {
                    CheckOne(record, key, rule, entries[i], $"{path}[{i}]");
                }
            }
            else
            {
                CheckOne(record, key, rule, value, path);
            }
        }
    }

    void CheckOne(object record, SettingsKey key, ValidationAttribute rule, object? value, string path)
    {
        ValidationContext context = new(record) { MemberName = key.Property.Name, DisplayName = key.Name };
        if (rule.GetValidationResult(value, context) is not { } broken)
        {
            return;
        }

        string shown = key.IsSecret ? SecretAttribute.Mask : value is IList list ? $"[{list.Count} entries]" : SettingsValue.Write(value);
        (string what, string allowed) = Words(rule, broken);
        errors.Add($"{path}: value {shown} is not {what}; allowed: {allowed}{Named(path)}");
    }

    static (string What, string Allowed) Words(ValidationAttribute rule, ValidationResult broken) => rule switch
    {
        RangeAttribute range => ("in range", Range(range)),
        RequiredAttribute => ("given", "anything but nothing"),
        MinLengthAttribute least => ("long enough", $"at least {least.Length} long"),
        MaxLengthAttribute most => ("short enough", $"at most {most.Length} long"),
        LengthAttribute length => ("of the right length", $"{length.MinimumLength} to {length.MaximumLength} long"),
        StringLengthAttribute length => ("of the right length", $"{length.MinimumLength} to {length.MaximumLength} characters"),
        RegularExpressionAttribute pattern => ("of the right form", rule.ErrorMessage ?? $"text that matches {pattern.Pattern}"),
        AllowedValuesAttribute choices => ("one of the choices", string.Join(", ", choices.Values.Select(SettingsValue.Write))),
        _ => ("right", broken.ErrorMessage ?? rule.GetType().Name),
    };

    static string Range(RangeAttribute range)
    {
        bool openAbove = range.Maximum is int.MaxValue or long.MaxValue or double.MaxValue or double.PositiveInfinity;
        bool openBelow = range.Minimum is int.MinValue or long.MinValue or double.MinValue or double.NegativeInfinity;
        string above = range.MinimumIsExclusive ? "more than " : openAbove ? "at least " : "";
        string below = range.MaximumIsExclusive ? "less than " : openBelow ? "at most " : "";
        return openAbove ? above + Show(range.Minimum)
            : openBelow ? below + Show(range.Maximum)
            : $"{above}{Show(range.Minimum)} to {below}{Show(range.Maximum)}";
    }

    static string Show(object bound) =>
        bound is TimeSpan duration ? Duration.Format(duration) : Convert.ToString(bound, CultureInfo.InvariantCulture) ?? "";

    string Named(string path) => variables.TryGetValue(path, out string? variable) ? $" (set by {variable})" : "";
}
