namespace StreamForecaster.Worker.Configuration;

/// <summary>
/// Marks a setting that is never printed. A text property <c>X</c> so marked, with a property <c>XFile</c> beside it, is read from that
/// file where it is not set itself.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SecretAttribute : Attribute
{
    /// <summary>What stands in messages and listings in a secret's place.</summary>
    public const string Mask = "***";

    /// <summary>Whether a property's name says that it is one, so that a forgotten attribute shows nothing.</summary>
    public static bool EndsSo(string property) =>
        Array.Exists(["Password", "Token", "Secret"], word => property.EndsWith(word, StringComparison.Ordinal));

    /// <summary>Whether a key of a free-form dictionary (librdkafka's settings, HTTP headers) names a secret.</summary>
    public static bool Names(string key) =>
        Array.Exists(["password", "token", "secret", "authorization", "key.pem", "oauthbearer.config"], word => key.Contains(word, StringComparison.OrdinalIgnoreCase));
}
