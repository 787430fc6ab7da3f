using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using StreamForecaster.Forecasting;

namespace StreamForecaster.Windowing;

/// <summary>
/// The ring of a series' last steps, as they were scaled: what the model is fed, re-encoded from and trained on, and what the page draws.
/// One instance serves all series of a lane's group; a series' own state is the span given to each call.
/// </summary>
public sealed class SeriesWindow
{
    // A step's mark: two flags, and its score in what is left of a byte.
    const byte Missing = 1;
    const byte Anomalous = 2;
    const int ScoreShift = 2;
    const int ScoreMax = 255 >> ScoreShift;

    // Far beyond any forecastable change, and squares of it still fit a float.
    const double ScaledMax = 1e15;
    const float TargetMax = 16;

    const int ChangeWarmUp = 20;
    const double ChangeMax = 5;
    const double ChangeRate = 1.0 / 500;

    // A shorter window is mostly padding.
    const int InputStepsMin = 16;

    readonly int _lookback;
    readonly int _capacity;
    readonly double[] _scratch;

    /// <summary>Grows with every change of the state's layout or meaning.</summary>
    public const int StateFormat = 3;

    /// <summary>Takes the shape of a group's model: the ring holds a whole training sample.</summary>
    public SeriesWindow(int lookback, int horizons)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(lookback, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(horizons, 1);
        _lookback = lookback;
        _capacity = lookback + horizons;
        _scratch = new double[_capacity];
    }

    /// <summary>Steps that the ring holds.</summary>
    public int Capacity => _capacity;

    /// <summary>Bytes of state a series.</summary>
    public int StateBytes => Unsafe.SizeOf<Header>() + (_capacity * (sizeof(float) + 1));

    /// <summary>The header, with the counts, the scale and the last value.</summary>
    public static ref Header Head(Span<byte> state) => ref MemoryMarshal.AsRef<Header>(state);

    /// <summary>Starts the window anew after a gap that was too long to fill; what was learned of the series stays elsewhere.</summary>
    public static void Restart(Span<byte> state)
    {
        ref Header head = ref Head(state);
        head.Count = 0;
        head.FlatRun = 0;
        head.EncodedVersion = 0;
    }

    /// <summary>Appends a closed step.</summary>
    /// <returns>True where the scale was set anew: what was encoded from the old scale must be encoded again.</returns>
    public bool Append(Span<byte> state, double value, bool missing, long index)
    {
        ref Header head = ref Head(state);
        if (head.Count == 0)
        {
            (head.Center, head.Scale) = (value, Math.Max(Math.Abs(value) * 0.1, 1e-9));
            head.Change = 0;
            head.EncodedVersion = 0;
        }

        head.FlatRun = head.Count > 0 && value == head.Last ? head.FlatRun + 1 : 0;
        if (!missing && head.Count > 0)
        {
            // A spike counts for a few usual changes, not for what it is; what was still and moves soon has a new usual one.
            double change = Math.Abs(value - head.Last);
            double counted = head.Count > ChangeWarmUp ? Math.Min(change, Math.Max(ChangeMax * UsualChange(head), head.Scale / 2)) : Math.Min(change, double.MaxValue / 4);
            head.Change += (counted - head.Change) * Math.Max(1.0 / head.Count, ChangeRate);
        }

        int slot = (int)(head.Count % _capacity);
        Values(state)[slot] = (float)Math.Clamp((value - head.Center) / head.Scale, -ScaledMax, ScaledMax);
        Marks(state)[slot] = missing ? Missing : (byte)0;
        head.Count++;
        head.Last = value;
        head.LastIndex = index;
        return !missing && Rescale(state, ref head);
    }

    /// <summary>Keeps the score of the step appended last.</summary>
    /// <param name="state">The series' state.</param>
    /// <param name="score">0..1.</param>
    /// <param name="anomalous">Whether it is marked.</param>
    public void Mark(Span<byte> state, double score, bool anomalous)
    {
        int slot = (int)((Head(state).Count - 1) % _capacity);
        int coded = (int)Math.Round(Math.Clamp(score, 0, 1) * ScoreMax);
        ref byte mark = ref Marks(state)[slot];
        mark = (byte)((mark & Missing) | (anomalous ? Anomalous : 0) | (coded << ScoreShift));
    }

    /// <summary>The step <paramref name="back"/> steps before the last.</summary>
    public WindowStep Step(Span<byte> state, int back)
    {
        ref Header head = ref Head(state);
        int slot = (int)((head.Count - 1 - back) % _capacity);
        byte mark = Marks(state)[slot];
        float scaled = Values(state)[slot];
        return new(head.LastIndex - back, scaled, (scaled * head.Scale) + head.Center, (mark & Missing) != 0,
            (mark & Anomalous) != 0, (mark >> ScoreShift) / (double)ScoreMax);
    }

    /// <summary>The number of steps held.</summary>
    public int Held(Span<byte> state) => (int)Math.Min(Head(state).Count, _capacity);

    /// <summary>Fills the model's inputs of the last steps, oldest first.</summary>
    /// <param name="state">The series' state.</param>
    /// <param name="back">How many steps before the last the inputs end.</param>
    /// <param name="inputs">[steps, <see cref="ModelFeatures.Count"/>]; steps ≤ what is held.</param>
    /// <param name="calendar">The group's calendar.</param>
    /// <param name="stepNs">The series' step.</param>
    public void Inputs(Span<byte> state, int back, Span<float> inputs, CalendarClock calendar, long stepNs)
    {
        int steps = inputs.Length / ModelFeatures.Count;
        for (int i = 0; i < steps; i++)
        {
            int at = back + steps - 1 - i;
            StepTime time = calendar.At(Head(state).LastIndex - at, stepNs);
            Features(state, at, inputs.Slice(i * ModelFeatures.Count, ModelFeatures.Count), time);
        }
    }

    /// <summary>Fills the model's inputs of one step. The oldest step held has no step before it: its change is 0.</summary>
    /// <param name="state">The series' state.</param>
    /// <param name="back">How many steps before the last it is.</param>
    /// <param name="to">[<see cref="ModelFeatures.Count"/>].</param>
    /// <param name="time">The step's time.</param>
    public void Features(Span<byte> state, int back, Span<float> to, in StepTime time)
    {
        ref Header head = ref Head(state);
        WindowStep step = Step(state, back);
        double change = back + 1 < Held(state) ? (step.Scaled - Step(state, back + 1).Scaled) * (head.Scale / UsualChange(head)) : 0;
        ModelFeatures.Fill(to, step.Scaled, (float)change, step.Missing, time);
    }

    /// <summary>What the model's changes over so many steps are measured in, in the series' own unit: what a random walk with the series' usual
    /// change would go, so that near and far horizons weigh the same.</summary>
    /// <param name="head">The series' header.</param>
    /// <param name="horizon">Steps ahead, from 1.</param>
    public static double ChangeUnit(in Header head, int horizon) => UsualChange(head) * Math.Sqrt(horizon);

    /// <summary>What a change from step to step is measured in: its slow mean, and at least a fiftieth of the scale, as a stair of rare steps has
    /// no usual change worth the name.</summary>
    public static double UsualChange(in Header head) => Math.Max(head.Change, head.Scale / 50);

    /// <summary>
    /// Fills the training sample whose last target is the last step. A window shorter than the lookback is padded on the left with its
    /// oldest step, flagged as a gap. False while the ring holds too little, or a target step was filled.
    /// </summary>
    /// <param name="state">The series' state.</param>
    /// <param name="inputs">[lookback, <see cref="ModelFeatures.Count"/>].</param>
    /// <param name="targets">[horizon]: change from the last input, in <see cref="ChangeUnit"/>, within ±16 (a wilder one teaches no more).</param>
    /// <param name="anomalous">True where a target step was marked.</param>
    /// <param name="calendar">The group's calendar.</param>
    /// <param name="stepNs">The series' step.</param>
    public bool TrySample(
        Span<byte> state, Span<float> inputs, Span<float> targets, out bool anomalous, CalendarClock calendar, long stepNs)
    {
        int horizons = _capacity - _lookback;
        int steps = Held(state) - horizons;
        anomalous = false;
        if (steps < InputStepsMin)
        {
            return false;
        }

        ref Header head = ref Head(state);
        float last = Step(state, horizons).Scaled;
        for (int h = 0; h < horizons; h++)
        {
            WindowStep step = Step(state, horizons - 1 - h);
            if (step.Missing)
            {
                return false;
            }

            anomalous |= step.Anomalous;
            targets[h] = (float)Math.Clamp((step.Scaled - last) * head.Scale / ChangeUnit(head, h + 1), -TargetMax, TargetMax);
        }

        Span<float> seen = inputs[^(steps * ModelFeatures.Count)..];
        Inputs(state, horizons, seen, calendar, stepNs);
        Span<float> oldest = stackalloc float[ModelFeatures.Count];
        seen[..ModelFeatures.Count].CopyTo(oldest);
        oldest[ModelFeatures.Gap] = 1;
        for (int i = 0; i < _lookback - steps; i++)
        {
            oldest.CopyTo(inputs[(i * ModelFeatures.Count)..]);
        }

        return true;
    }

    // The scale is set when 8 values are there, again at 16, 32 and 64, and then only where the old one has become wrong: each change
    // costs the re-encoding of the window.
    bool Rescale(Span<byte> state, ref Header head)
    {
        bool settling = head.Count is 8 or 16 or 32 or 64;
        if (!settling && (head.Count < 128 || head.Count % 64 != 0))
        {
            return false;
        }

        int held = Held(state);
        Span<double> values = _scratch.AsSpan(0, held);
        for (int i = 0; i < held; i++)
        {
            values[i] = Step(state, i).Value;
        }

        (double center, double scale) = RobustScale.Of(values);
        double ratio = scale / head.Scale;
        if (!settling && ratio is > 0.5 and < 2 && Math.Abs(center - head.Center) < 2 * head.Scale)
        {
            return false;
        }

        Span<float> ring = Values(state);
        for (int i = 0; i < held; i++)
        {
            ring[i] = (float)Math.Clamp(((ring[i] * head.Scale) + head.Center - center) / scale, -ScaledMax, ScaledMax);
        }

        (head.Center, head.Scale, head.EncodedVersion) = (center, scale, 0);
        return true;
    }

    Span<float> Values(Span<byte> state) =>
        MemoryMarshal.Cast<byte, float>(state.Slice(Unsafe.SizeOf<Header>(), _capacity * sizeof(float)));

    Span<byte> Marks(Span<byte> state) => state.Slice(Unsafe.SizeOf<Header>() + (_capacity * sizeof(float)), _capacity);

    /// <summary>The window's counts and scale.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Header
    {
        /// <summary>Steps appended since the last restart.</summary>
        public long Count;

        /// <summary>The last step's number.</summary>
        public long LastIndex;

        /// <summary>The last value, unscaled.</summary>
        public double Last;

        /// <summary>scaled = (value − center) / scale.</summary>
        public double Center;

        /// <summary>Greater than zero.</summary>
        public double Scale;

        /// <summary>Slow mean of the absolute change from step to step, unscaled.</summary>
        public double Change;

        /// <summary>The version of the model whose encoder state the series carries; 0: none.</summary>
        public long EncodedVersion;

        /// <summary>How many steps in a row had the same value as the one before.</summary>
        public int FlatRun;

        /// <summary>The expert that weighed most in the latest forecast.</summary>
        public int Expert;
    }
}

/// <summary>One step of a window. <paramref name="Score"/> is in 0..1, to 1/63.</summary>
public readonly record struct WindowStep(long Index, float Scaled, double Value, bool Missing, bool Anomalous, double Score);
