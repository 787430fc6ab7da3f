using System.Globalization;
using Xunit.Sdk;
using Xunit.v3;

namespace StreamForecaster.SystemTests.Faults;

/// <summary>Which long forms are asked for: <c>./test.sh long [NAME…]</c> puts their names into a variable of the environment.</summary>
static class LongRun
{
    /// <summary>The variable: <c>all</c>, or names parted by spaces.</summary>
    internal const string Variable = "STREAMFORECASTER_LONG_TESTS";

    /// <summary>The names there are.</summary>
    internal static readonly string[] Names = ["kill", "faults", "kafka", "outage", "disk-full", "rebalance", "soak", "fuzz"];

    /// <summary>The names asked for; none in the ordinary run.</summary>
    /// <exception cref="InvalidOperationException">One of them is unknown; the message is one line.</exception>
    internal static IReadOnlyCollection<string> Asked(string? variable)
    {
        string[] asked = (variable ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (asked is ["all"])
        {
            return Names;
        }

        string? unknown = asked.FirstOrDefault(static name => !Names.Contains(name, StringComparer.Ordinal));
        return unknown is null
            ? asked
            : throw new InvalidOperationException($"{Variable}: no long test is named '{unknown}'; allowed: all, {string.Join(", ", Names)}");
    }

    /// <summary>A line of figures among the run's output.</summary>
    internal static void Say(string name, FormattableString line) =>
        Console.WriteLine($"    {name}: {line.ToString(CultureInfo.InvariantCulture)}");
}

/// <summary>A long form. It is there only where it is asked for, so that the ordinary run neither runs nor skips it.</summary>
[XunitTestCaseDiscoverer(typeof(LongFactDiscoverer))]
[AttributeUsage(AttributeTargets.Method)]
sealed class LongFactAttribute(
    string name,
    [System.Runtime.CompilerServices.CallerFilePath] string? file = null,
    [System.Runtime.CompilerServices.CallerLineNumber] int line = 0) : FactAttribute(file, line), ITraitAttribute
{
    /// <summary>The name it is asked for by.</summary>
    public string Name => name;

    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Long", name)];
}

/// <summary>Finds long forms that are asked for.</summary>
sealed class LongFactDiscoverer : FactDiscoverer
{
    public override ValueTask<IReadOnlyCollection<IXunitTestCase>> Discover(
        ITestFrameworkDiscoveryOptions discoveryOptions, IXunitTestMethod testMethod, IFactAttribute factAttribute) =>
        LongRun.Asked(Environment.GetEnvironmentVariable(LongRun.Variable)).Contains(((LongFactAttribute)factAttribute).Name)
            ? base.Discover(discoveryOptions, testMethod, factAttribute)
            : ValueTask.FromResult<IReadOnlyCollection<IXunitTestCase>>([]);
}
