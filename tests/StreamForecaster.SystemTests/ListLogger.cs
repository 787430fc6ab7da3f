using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace StreamForecaster.SystemTests;

/// <summary>Keeps what is logged at Information and above.</summary>
sealed class ListLogger<T> : ILogger<T>
{
    readonly ConcurrentQueue<string> _lines = new();

    internal IReadOnlyList<string> Lines => [.. _lines];

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            _lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
        }
    }

    public override string ToString() => string.Join(" | ", _lines);
}
