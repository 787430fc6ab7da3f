using System.Runtime.InteropServices;
using StreamForecaster.Models;

namespace StreamForecaster.Learning;

/// <summary>The learner as bytes, for the checkpoint. Models are named by version: the store holds them.</summary>
public sealed partial class GroupLearner
{
    // Grows with every change of the layout.
    const int StateFormat = 2;

    /// <summary>Appends the whole state but the models. A training under way is not in it: it starts again.</summary>
    public void Export(ByteBuffer to)
    {
        ArgumentNullException.ThrowIfNull(to);
        var header = new Header { Format = StateFormat, Unseen = _unseen, Tally = _tally, Schedule = _schedule, Drift = _drift, LiveLoss = _liveLoss };
        to.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<Header>(in header)));
        Samples.Export(to);
    }

    /// <summary>Reads what <see cref="Export"/> wrote.</summary>
    /// <param name="from">The bytes.</param>
    /// <param name="models">The model of a version of this group.</param>
    /// <exception cref="InvalidDataException">The bytes are not the state of a learner with these settings, or the champion is missing;
    /// the learner is as it was.</exception>
    public void Import(ReadOnlySpan<byte> from, Func<long, Forecaster?> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        if (!MemoryMarshal.TryRead(from, out Header header) || header.Format != StateFormat)
        {
            throw new InvalidDataException($"Group '{Group}': the learner's state is of an unknown format.");
        }

        // The models first: what is refused leaves the learner as it was.
        Forecaster? champion = header.Tally.Version == 0 ? null : models(header.Tally.Version)
            ?? throw new InvalidDataException($"Group '{Group}': version {header.Tally.Version} is not in the model store.");
        Samples.Import(from[Marshal.SizeOf<Header>()..]);
        _run = null;
        _unseen = header.Unseen;
        _tally = header.Tally;
        _schedule = header.Schedule;
        _drift = header.Drift;
        _liveLoss = header.LiveLoss;
        Champion = champion;

        // An anchor that the store no longer has moves early.
        _anchor = _tally.AnchorVersion == 0 ? null : _tally.AnchorVersion == _tally.Version ? Champion : models(_tally.AnchorVersion) ?? Champion;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Tally
    {
        public long Version;
        public long LastVersion;
        public long AnchorVersion;
        public long AnchorNs;
        public int Trainings;
        public int Promotions;
        public long Drifts;
    }

    [StructLayout(LayoutKind.Sequential)]
    struct Header
    {
        public int Format;
        public int Unseen;
        public Tally Tally;
        public TrainingSchedule Schedule;
        public DriftDetector Drift;
        public double LiveLoss;
    }
}
