using System.Globalization;
using System.Text;
using StreamForecaster.Learning;
using StreamForecaster.Models;
using StreamForecaster.State;
using StreamForecaster.Worker.State;

namespace StreamForecaster.Worker.Training;

/// <summary>
/// What a group's learner remembers (samples, reservoir, drift, schedule, version) as the file <c>GROUP/learner</c> beside its models: format,
/// a hash of the settings it depends on, then the learner's bytes under a checksum.
/// </summary>
/// <param name="folder">The model store's folder.</param>
/// <param name="cold">Nothing is read: every learner starts empty.</param>
public sealed class LearnerStore(string folder, bool cold = false)
{
    /// <summary>The name of a group's file, beside its models.</summary>
    public const string FileName = "learner";

    const int Format = 1;
    const int HeadBytes = 3 * sizeof(long);

    /// <summary>Writes a learner's state; a crash leaves the old or the new one.</summary>
    /// <exception cref="IOException">The disk refused; the old one stays.</exception>
    public void Save(GroupLearner learner, LearnOptions options)
    {
        ArgumentNullException.ThrowIfNull(learner);
        ByteBuffer state = new();
        learner.Export(state);
        ByteBuffer file = new(HeadBytes + state.Length);
        file.Number(Format);
        file.Number(Settings(learner, options));
        file.Number(Checksum.Of(state.Written));
        file.Append(state.Written);
        string path = PathOf(learner.Group);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        DurableFile.Write(path, file.Written);
    }

    /// <summary>Restores a learner that is empty. False where there is nothing to restore.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, of a newer format or of other settings; the learner is as it was.</exception>
    public bool TryLoad(GroupLearner learner, LearnOptions options, Func<long, Forecaster?> models)
    {
        ArgumentNullException.ThrowIfNull(learner);
        string path = PathOf(learner.Group);
        if (cold || !File.Exists(path))
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = File.ReadAllBytes(path);
        try
        {
            StateReader head = new(bytes);
            (long format, long settings, long checksum) = (head.Number(), head.Number(), head.Number());
            ReadOnlySpan<byte> state = bytes[HeadBytes..];
            string? wrong = format != Format ? string.Create(CultureInfo.InvariantCulture, $"its format is {format}, and this version reads {Format}")
                : settings != Settings(learner, options) ? "the model's shape or the buffer's sizes have changed since"
                : checksum != Checksum.Of(state) ? "its checksum is wrong"
                : null;
            if (wrong is not null)
            {
                throw new InvalidDataException(wrong);
            }

            learner.Import(state, models);
            return true;
        }
        catch (InvalidDataException wrong)
        {
            throw new InvalidDataException($"{path}: {wrong.Message}", wrong);
        }
    }

    string PathOf(string group) => Path.Combine(folder, ModelStore.FolderName(group), FileName);

    static long Settings(GroupLearner learner, LearnOptions options) => (long)KeyHash.Of(Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"{learner.Spec} {string.Join(' ', learner.Spec.Quantiles)} {options.RecentSamples} {options.ReservoirSamples}")));
}
