using System.Buffers;
using System.IO.Compression;
using System.Text;

namespace StreamForecaster.Worker.Publishing.Influx;

/// <summary>Sends one piece of lines in one attempt and says what the server made of it.</summary>
sealed class InfluxClient : IDisposable
{
    // Enough for every line of a request to be named in the answer.
    const int MaxAnswerBytes = 8 << 20;

    // Reasons go into logs and dead letters.
    const int MaxReasonLength = 500;

    readonly HttpClient _http;
    readonly InfluxEndpoint _endpoint;
    readonly string _token;
    readonly bool _gzip;
    readonly TimeProvider _time;
    readonly ByteBuffer _plain = new();
    readonly ArrayBufferWriter<byte> _packed = new();

    public InfluxClient(InfluxOptions options, TimeProvider time)
    {
        _token = InfluxToken.Find(options);
        _endpoint = new(options, _token);
        _gzip = options.Gzip;
        _time = time;

        // A redirect would take the token along; addresses are looked up anew now and then.
        SocketsHttpHandler handler = new()
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ConnectTimeout = options.Timeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        _http = new(handler) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Makes the body of the next attempts, in <see cref="Lines"/>' precision.</summary>
    public TimePrecision Prepare(LinePiece piece)
    {
        TimePrecision precision = TimestampCut.Coarsest(piece.Lines.Span);
        _plain.Clear();
        TimestampCut.Write(piece.Lines.Span, precision, _plain);
        if (_gzip)
        {
            _packed.ResetWrittenCount();
            using GZipStream gzip = new(new BufferWriterStream(_packed), CompressionLevel.Fastest);
            gzip.Write(_plain.Written);
        }

        return precision;
    }

    /// <summary>The prepared lines as they are sent, before compression.</summary>
    public ReadOnlySpan<byte> Lines => _plain.Written;

    /// <summary>One attempt with the prepared body.</summary>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    /// <exception cref="IOException">The connection ended within the answer.</exception>
    public async Task<InfluxAnswer> SendAsync(TimePrecision precision, CancellationToken stop)
    {
        ReadOnlyMemory<byte> body = _gzip ? _packed.WrittenMemory : _plain.WrittenMemory;
        using HttpRequestMessage request = _endpoint.Write(body, precision, _gzip);
        using HttpResponseMessage response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
        InfluxOutcome outcome = InfluxAnswer.OutcomeOf(response.StatusCode);
        if (outcome == InfluxOutcome.Written)
        {
            return new(outcome);
        }

        string text = InfluxToken.Hide(await ReadAsync(response, stop), _token);
        string message = RefusedLines.Read(text, []).Message.ReplaceLineEndings(" ");
        string reason = InfluxAnswer.Describe(
            response.StatusCode, message.Length <= MaxReasonLength ? message : message[..MaxReasonLength] + "…");
        return new(outcome, reason, InfluxAnswer.RetryAfterOf(response, _time.GetUtcNow()), text);
    }

    public void Dispose() => _http.Dispose();

    static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken stop)
    {
        await using Stream stream = await response.Content.ReadAsStreamAsync(stop);
        ArrayBufferWriter<byte> bytes = new();
        while (bytes.WrittenCount < MaxAnswerBytes)
        {
            int read = await stream.ReadAsync(bytes.GetMemory(4096), stop);
            if (read == 0)
            {
                break;
            }

            bytes.Advance(read);
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }
}
