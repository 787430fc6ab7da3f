using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>
/// All retries of a database, declared here: for ever, after the longer of what the server asked for and an exponential back-off with
/// jitter. Refusals are answers, not failures: they come out at once.
/// </summary>
static class InfluxRetry
{
    // A Retry-After beyond this is a mistake of the server's.
    static readonly TimeSpan LongestRetryAfter = TimeSpan.FromMinutes(15);

    public static ResiliencePipeline<InfluxAnswer> Create(
        InfluxOptions options, TimeProvider time, int seed, Action<string, TimeSpan> onRetry)
    {
        Random jitter = new(seed);
        return new ResiliencePipelineBuilder<InfluxAnswer> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<InfluxAnswer>
            {
                MaxRetryAttempts = int.MaxValue,
                ShouldHandle = attempt => ValueTask.FromResult(attempt.Outcome switch
                {
                    { Exception: HttpRequestException or IOException or TimeoutRejectedException } => true,
                    { Result.Outcome: InfluxOutcome.Later or InfluxOutcome.Alarm } => true,
                    _ => false,
                }),
                DelayGenerator = attempt =>
                    ValueTask.FromResult<TimeSpan?>(Delay(options, attempt.AttemptNumber, attempt.Outcome.Result, jitter)),
                OnRetry = attempt =>
                {
                    onRetry(Describe(attempt.Outcome, options), attempt.RetryDelay);
                    return ValueTask.CompletedTask;
                },
            })
            .AddTimeout(options.Timeout)
            .Build();
    }

    /// <summary>The delay before an attempt, 0 being the first one after a failure.</summary>
    public static TimeSpan Delay(InfluxOptions options, int attempt, InfluxAnswer? answer, Random jitter)
    {
        if (answer?.Outcome == InfluxOutcome.Alarm)
        {
            return options.AlarmDelay;
        }

        double ceiling = Math.Min(options.FirstDelay.TotalSeconds * Math.Pow(2, Math.Min(attempt, 30)), options.MaxDelay.TotalSeconds);
        TimeSpan backOff = TimeSpan.FromSeconds(ceiling * (0.5 + (0.5 * jitter.NextDouble())));
        TimeSpan asked = answer?.RetryAfter ?? TimeSpan.Zero;
        return asked > LongestRetryAfter ? LongestRetryAfter : asked > backOff ? asked : backOff;
    }

    static string Describe(Outcome<InfluxAnswer> outcome, InfluxOptions options) => outcome switch
    {
        { Result: { } answer } => answer.Reason,
        { Exception: TimeoutRejectedException } => $"no answer within {options.Timeout.TotalSeconds:0.###} s",
        { Exception: { } error } => error.GetBaseException().Message,
        _ => "no answer",
    };
}
