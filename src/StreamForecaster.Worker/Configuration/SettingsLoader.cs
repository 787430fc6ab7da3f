using System.Collections;

namespace StreamForecaster.Worker.Configuration;

/// <summary>Loads the settings: one JSON file, variables of the environment over it, every mistake reported at once.</summary>
public static class SettingsLoader
{
    const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Loads settings.</summary>
    /// <param name="file">The JSON file (comments and trailing commas are fine), or null for the defaults.</param>
    /// <param name="environment">The variables; those named <c>STREAMFORECASTER__SECTION__KEY</c> lie over the file.</param>
    /// <exception cref="SettingsException">Something is wrong; it holds one line per mistake.</exception>
    public static Settings Load(string? file, IDictionary environment) => Load<Settings>(file, environment);

    /// <summary>Loads any options record the same way.</summary>
    internal static T Load<T>(string? file, IDictionary environment)
        where T : class, new()
    {
        List<string> errors = [];
        SettingsNode root = file is null ? SettingsNode.Object() : SettingsSources.Parse(Read(file), file, errors);
        SettingsSources.Overlay(root, environment);
        T settings = new SettingsBinder(errors).Bind<T>(root);
        return errors.Count == 0 ? settings : throw new SettingsException(errors);
    }

    static byte[] Read(string file)
    {
        FileInfo found = new(file);
        if (!found.Exists || found.Length > MaxBytes)
        {
            throw new SettingsException([$"{file}: this is not a settings file; allowed: a JSON file of at most {MaxBytes} bytes"]);
        }

        try
        {
            return File.ReadAllBytes(file);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException([$"{file}: this is not readable ({refused.GetType().Name}); allowed: a file that this process may read"]);
        }
    }
}

/// <summary>The settings are wrong; the message has one line per mistake.</summary>
public sealed class SettingsException(IReadOnlyList<string> errors) : Exception(string.Join('\n', errors))
{
    /// <summary>One line per mistake.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
