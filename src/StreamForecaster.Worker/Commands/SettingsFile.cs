using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Commands;

/// <summary>The settings of a command, or what is wrong with them.</summary>
static class SettingsFile
{
    /// <summary>The exit code of a command whose settings or arguments are wrong.</summary>
    public const int ExitWrong = 2;

    /// <summary>Loads the settings; each mistake is a line on <paramref name="error"/>, and null is returned.</summary>
    public static Settings? Load(string? file, TextWriter error)
    {
        try
        {
            return SettingsLoader.Load(file, Environment.GetEnvironmentVariables());
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
