using System.CommandLine;
using StreamForecaster.Worker.Configuration;

namespace StreamForecaster.Worker.Commands;

/// <summary><c>validate</c>: says whether the settings are right, and what they come to.</summary>
public static class ValidateCommand
{
    /// <summary>The command line of it.</summary>
    public static Command Create()
    {
        Option<string?> config = new("--config", "-c") { Description = "The settings file (JSON, comments allowed); without it, defaults and environment." };
        Option<bool> print = new("--print") { Description = "Print the settings in effect, secrets masked." };
        Option<bool> defaults = new("--defaults") { Description = "Print every setting with its default and a comment, as configs/default.json." };
        Option<string?> against = new("--against") { Description = "A state folder, or topics (those that the settings name): say which of the state in it starts anew with these settings." };
        Command command = new("validate", "Check the settings: every mistake on a line of its own. Example: validate --config configs/demo.json")
        {
            config, print, defaults, against,
        };
        command.SetAction(parsed => Run(
            parsed.GetValue(config), parsed.GetValue(print), parsed.GetValue(defaults), parsed.GetValue(against),
            parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error));
        return command;
    }

    static int Run(string? file, bool print, bool defaults, string? against, TextWriter output, TextWriter error)
    {
        SettingsWriter writer = new(new SettingsComments().Of);
        if (defaults)
        {
            output.Write(writer.Write(new Settings()));
            return 0;
        }

        try
        {
            Settings settings = SettingsFile.Read(file);
            if (against is not null)
            {
                return StateComparison.Run(settings, against, output, error);
            }

            output.Write(print ? writer.Write(settings) : $"{file ?? "defaults and environment"}: the settings are right\n");
            return 0;
        }
        catch (SettingsException wrong)
        {
            foreach (string line in wrong.Errors)
            {
                error.WriteLine(line);
            }

            error.WriteLine(wrong.Errors.Count == 1 ? "1 mistake in the settings" : $"{wrong.Errors.Count} mistakes in the settings");
            return SettingsFile.ExitWrong;
        }
    }
}
