namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>Finds a database's token, and keeps it out of texts.</summary>
static class InfluxToken
{
    /// <summary>The token of settings (which read its file) or environment; empty where there is none.</summary>
    /// <exception cref="InvalidOperationException">What it holds cannot be in a header; the message does not repeat it.</exception>
    public static string Find(InfluxOptions options)
    {
        string token = string.IsNullOrEmpty(options.Token) ? Environment.GetEnvironmentVariable(options.TokenVariable) ?? "" : options.Token;
        token = token.Trim();
        return token.All(c => c is > ' ' and < '\x7f')
            ? token
            : throw new InvalidOperationException(
                $"sink influx:{options.Name}: the token holds characters that no token has (blanks, control or non-ASCII characters)");
    }

    /// <summary>The text without the token, should a server send it back.</summary>
    public static string Hide(string text, string token) =>
        token.Length == 0 ? text : text.Replace(token, "***", StringComparison.Ordinal);
}
