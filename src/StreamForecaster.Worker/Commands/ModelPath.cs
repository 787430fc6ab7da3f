using StreamForecaster.Models;

namespace StreamForecaster.Worker.Commands;

/// <summary>A model's file as an argument: what is wrong with it is one line that begins with its path.</summary>
static class ModelPath
{
    const long BytesMax = 1L << 30;

    /// <summary>The file's bytes.</summary>
    /// <exception cref="InvalidDataException">There is no such file, or it is too large for a model.</exception>
    public static byte[] Read(string path)
    {
        FileInfo file = new(path);
        return !file.Exists ? throw new InvalidDataException($"{path}: there is no such file")
            : file.Length > BytesMax ? throw new InvalidDataException($"{path}: {file.Length} bytes are too many for a model (at most {BytesMax})")
            : File.ReadAllBytes(path);
    }

    /// <summary>Makes a model of it.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or no model of this kind.</exception>
    public static Forecaster Parse(string path, Func<Forecaster> parse)
    {
        try
        {
            return parse();
        }
        catch (FormatException wrong)
        {
            throw new InvalidDataException($"{path}: {wrong.Message}", wrong);
        }
    }
}
