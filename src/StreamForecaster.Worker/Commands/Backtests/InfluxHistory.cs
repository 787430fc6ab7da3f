using System.Text.Json;
using StreamForecaster.Backtesting;
using StreamForecaster.Windowing;

namespace StreamForecaster.Worker.Commands.Backtests;

/// <summary>Series from a database that answers InfluxQL at <c>/query</c>: each field of each combination of tags is a series of its own.</summary>
static class InfluxHistory
{
    // More gaps than this are no series on one clock.
    const int RowsPerValueMax = 20;

    /// <summary>Asks and reads.</summary>
    /// <param name="http">The client.</param>
    /// <param name="url">The address, with <c>?db=NAME</c> unless the query names its database.</param>
    /// <param name="query">A SELECT of InfluxQL, best with GROUP BY time(…) and tags.</param>
    /// <param name="token">Sent as <c>Authorization: Token</c>; null: none.</param>
    /// <exception cref="InvalidDataException">The database refused, cut its answer, or answered with nothing to learn from.</exception>
    public static IReadOnlyList<SeriesTable> Read(HttpClient http, string url, string query, string? token)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out Uri? address) || address.Scheme is not ("http" or "https"))
        {
            throw new InvalidDataException($"--from-influx {url}: wants an address such as http://localhost:8086?db=telegraf");
        }

        UriBuilder endpoint = new(address);
        endpoint.Path = endpoint.Path.TrimEnd('/') + "/query";
        using HttpRequestMessage request = new(HttpMethod.Post, endpoint.Uri) { Content = new FormUrlEncodedContent([new("q", query), new("epoch", "ns")]) };
        if (token is not null)
        {
            request.Headers.Authorization = new("Token", token);
        }

        try
        {
            using HttpResponseMessage answer = http.Send(request);
            using Stream body = answer.Content.ReadAsStream();
            using JsonDocument json = JsonDocument.Parse(body);
            return Tables(json.RootElement, address);
        }
        catch (HttpRequestException away)
        {
            throw new InvalidDataException($"{address.GetLeftPart(UriPartial.Path)}: {away.Message}", away);
        }
        catch (JsonException other)
        {
            throw new InvalidDataException($"{address.GetLeftPart(UriPartial.Path)}: answered something else than InfluxQL's JSON", other);
        }
    }

    static List<SeriesTable> Tables(JsonElement answer, Uri address)
    {
        Refuse(answer, address);
        List<SeriesTable> tables = [];
        foreach (JsonElement result in answer.TryGetProperty("results", out JsonElement results) ? results.EnumerateArray() : [])
        {
            Refuse(result, address);
            foreach (JsonElement series in result.TryGetProperty("series", out JsonElement all) ? all.EnumerateArray() : [])
            {
                if (Table(series) is { } table)
                {
                    tables.Add(table);
                }
            }
        }

        return tables.Count > 0 ? tables
            : throw new InvalidDataException($"{address.GetLeftPart(UriPartial.Path)}: the query gave no series of numbers");
    }

    static void Refuse(JsonElement part, Uri address)
    {
        if (part.TryGetProperty("error", out JsonElement error))
        {
            throw new InvalidDataException($"{address.GetLeftPart(UriPartial.Path)}: {error.GetString()}");
        }

        if (part.TryGetProperty("partial", out JsonElement partial) && partial.ValueKind == JsonValueKind.True)
        {
            throw new InvalidDataException($"{address.GetLeftPart(UriPartial.Path)}: the answer was cut at the server's max-row-limit; ask for less, or raise it");
        }
    }

    /// <summary>The rows of one series, put on even steps; null where it has no two rows or no numbers.</summary>
    static SeriesTable? Table(JsonElement series)
    {
        string[] columns = [.. series.GetProperty("columns").EnumerateArray().Select(column => column.GetString()!)];
        JsonElement[] rows = [.. series.GetProperty("values").EnumerateArray().Where(row => row[0].ValueKind == JsonValueKind.Number)];
        long[] times = [.. rows.Select(row => row[0].GetInt64())];
        if (columns.Length < 2 || RowTimes.StepNs(times) is not { } stepNs)
        {
            return null;
        }

        long first = times[0] / stepNs;
        long count = (times[^1] / stepNs) - first + 1;
        if (count > (long)RowsPerValueMax * rows.Length)
        {
            throw new InvalidDataException($"{series.GetProperty("name").GetString()}: {rows.Length} rows over {count} steps of {stepNs / 1e9:G6} s; group by time(…) for a clock that fits");
        }

        double[][] values = [.. columns.Skip(1).Select(_ => Enumerable.Repeat(double.NaN, (int)count).ToArray())];
        for (int row = 0; row < rows.Length; row++)
        {
            for (int column = 0; column < values.Length; column++)
            {
                JsonElement cell = rows[row][column + 1];
                values[column][(times[row] / stepNs) - first] = cell.ValueKind == JsonValueKind.Number ? cell.GetDouble() : double.NaN;
            }
        }

        int[] kept = [.. Enumerable.Range(0, values.Length).Where(column => Array.Exists(values[column], double.IsFinite))];
        CalendarClock calendar = new(TimeZoneInfo.Utc);
        return kept.Length == 0 ? null
            : new([.. kept.Select(column => columns[column + 1])], [.. kept.Select(column => values[column])], [.. Enumerable.Range(0, (int)count).Select(i => calendar.At(first + i, stepNs))]);
    }
}
