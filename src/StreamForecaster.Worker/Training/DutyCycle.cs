namespace StreamForecaster.Worker.Training;

/// <summary>Keeps a thread below a share of one core: how long it must rest after some work. Rest that was not needed is not saved
/// up, so a training after an idle hour runs no faster.</summary>
sealed class DutyCycle(double share)
{
    TimeSpan _cpu;
    TimeSpan _wall;

    /// <summary>Work begins after a pause.</summary>
    public void Begin(TimeSpan cpu, TimeSpan wall) => (_cpu, _wall) = (cpu, wall);

    /// <summary>The rest that is due now.</summary>
    public TimeSpan Rest(TimeSpan cpu, TimeSpan wall)
    {
        TimeSpan due = ((cpu - _cpu) / share) - (wall - _wall);
        return due > TimeSpan.Zero ? due : TimeSpan.Zero;
    }
}
