using System.Reflection;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Fills secrets that were not set from the files named beside them.</summary>
static class SecretFiles
{
    const int MaxBytes = 64 * 1024;

    /// <summary>Walks a tree of options records; a file that cannot be read is an error line, never its content.</summary>
    public static void Read(object record, string path, List<string> errors)
    {
        foreach (SettingsKey key in SettingsKey.Of(record.GetType()))
        {
            string at = path.Length == 0 ? key.Name : $"{path}.{key.Name}";
            object? value = key.Property.GetValue(record);
            if (key.HasFile && string.IsNullOrEmpty(value as string))
            {
                Fill(record, key.Property, at, errors);
            }
            else if (value is not null && SettingsKey.IsRecord(value.GetType()))
            {
                Read(value, at, errors);
            }
            else if (value is Array list && SettingsKey.IsRecord(list.GetType().GetElementType()!))
            {
                for (int i = 0; i < list.Length; i++)
                {
                    Read(list.GetValue(i)!, $"{at}[{i}]", errors);
                }
            }
        }
    }

    static void Fill(object record, PropertyInfo secret, string path, List<string> errors)
    {
        PropertyInfo? beside = record.GetType().GetProperty(secret.Name + "File");
        if (beside?.GetValue(record) is not string file || file.Length == 0)
        {
            return;
        }

        FileInfo found = new(file);
        if (!found.Exists || found.Length is 0 or > MaxBytes)
        {
            errors.Add($"{path}File: value \"{file}\" is not a file with a secret; allowed: a file of 1 to {MaxBytes} bytes that this process may read");
            return;
        }

        try
        {
            secret.SetValue(record, File.ReadAllText(file).Trim());
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            errors.Add($"{path}File: value \"{file}\" is not readable ({refused.GetType().Name}); allowed: a file that this process may read");
        }
    }
}
