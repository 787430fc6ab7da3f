using StreamForecaster.Worker.Configuration;
using StreamForecaster.Worker.Training;

namespace StreamForecaster.Worker.Commands;

/// <summary>The settings of a command, or what is wrong with them.</summary>
static class SettingsFile
{
    /// <summary>The exit code of a command whose settings or arguments are wrong.</summary>
    public const int ExitWrong = 2;

    /// <summary>Reads the settings, and sees whether this build and machine have the engine that they ask for.</summary>
    /// <exception cref="SettingsException">Something is wrong; it holds one line per mistake.</exception>
    public static Settings Read(string? file)
    {
        Settings settings = SettingsLoader.Load(file, Environment.GetEnvironmentVariables());
        return TrainingEngines.Wrong(settings.Learn) is { } missing ? throw new SettingsException([missing]) : settings;
    }

    /// <summary>Loads the settings; each mistake is a line on <paramref name="error"/>, and null is returned.</summary>
    public static Settings? Load(string? file, TextWriter error)
    {
        try
        {
            return Read(file);
        }
        catch (SettingsException wrong)
        {
            foreach (string line in wrong.Errors)
            {
                error.WriteLine(line);
            }

            return null;
        }
    }
}
