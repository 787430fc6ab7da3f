namespace StreamForecaster.Worker.State;

/// <summary>Another process owns the lane now. This one must not publish or write anything of it any more.</summary>
public sealed class LaneTakenException : IOException
{
    /// <summary>Says so.</summary>
    public LaneTakenException()
    {
    }

    /// <summary>Says where.</summary>
    public LaneTakenException(string message)
        : base(message)
    {
    }

    /// <summary>Says where and why.</summary>
    public LaneTakenException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
