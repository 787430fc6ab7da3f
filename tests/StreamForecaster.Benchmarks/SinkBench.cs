using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StreamForecaster.Worker.Publishing;
using StreamForecaster.Worker.Publishing.Influx;

namespace StreamForecaster.Benchmarks;

/// <summary>
/// <c>sink</c>: how quickly the spool of an InfluxDB that was away drains, against a server in this process that unpacks and counts, and takes a
/// database's time for it. Real time is 10,000 points/s with two lines each.
/// </summary>
static class SinkBench
{
    const int RealTimeLines = 20_000;
    const int LinesPerBatch = 2000;
    static readonly TimeSpan ServerTime = TimeSpan.FromMilliseconds(25);

    internal static async Task<int> RunAsync(string[] args)
    {
        int seconds = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 60;
        bool met = true;
        foreach (int requests in new[] { 1, new InfluxOptions().Requests })
        {
            double perSecond = await MeasureAsync(seconds * RealTimeLines, requests);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{requests} requests at once: {perSecond:F0} lines/s, {perSecond / RealTimeLines:F1} times real time"));
            met = perSecond >= 5 * RealTimeLines;
        }

        return met ? 0 : 1;
    }

    static async Task<double> MeasureAsync(int lines, int requests)
    {
        string folder = Directory.CreateTempSubdirectory("streamforecaster-sink-").FullName;
        using Meter meter = new("StreamForecaster");
        CountingServer server = new();
        await using WebApplication host = await server.StartAsync();
        InfluxOptions options = new()
        {
            Url = host.Urls.Single(),
            Bucket = "metrics",
            Token = "none",
            Requests = requests,
            MaxDelay = TimeSpan.FromMilliseconds(500),
            Spool = new() { Directory = folder, After = TimeSpan.Zero },
        };
        await using (InfluxSink sink = new(options, new() { Meter = meter }, deadLetters: null))
        {
            for (int from = 0; from < lines; from += LinesPerBatch)
            {
                while (!sink.HasRoom)
                {
                    await Task.Delay(5);
                }

                sink.Enqueue(Batch(from));
            }

            await sink.FlushAsync(CancellationToken.None);
            server.IsUp = true;
            while (server.Lines == 0)
            {
                await Task.Delay(1);
            }

            long start = Stopwatch.GetTimestamp();
            long first = server.Lines;
            while (server.Lines < lines)
            {
                await Task.Delay(5);
            }

            double perSecond = (lines - first) / Stopwatch.GetElapsedTime(start).TotalSeconds;
            Directory.Delete(folder, recursive: true);
            return perSecond;
        }
    }

    static ResultBatch Batch(int from)
    {
        ResultBatch batch = new() { Lane = new("metrics", 0), LineCount = LinesPerBatch };
        for (int i = 0; i < LinesPerBatch; i++)
        {
            int point = (from + i) / 2;
            string line = (i & 1) == 0
                ? $"forecast,host=host-{point % 10_000},horizon=1,series=cpu.usage{{host\\=host-{point % 10_000}}} yhat={point * 0.37},yhat_lower={point * 0.3},yhat_upper={point * 0.4},model=\"gru-32\",version=3i,expert=\"gru\" {1_700_000_000 + (point / 10_000)}000000000\n"
                : $"anomaly,host=host-{point % 10_000},series=cpu.usage{{host\\=host-{point % 10_000}}} y={point * 0.36},yhat={point * 0.37},anomaly_score=0.125,p_value=0.5,is_anomaly=false {1_700_000_000 + (point / 10_000)}000000000\n";
            batch.Lines.Append(Encoding.UTF8.GetBytes(line));
        }

        batch.Await(1);
        return batch;
    }

    sealed class CountingServer
    {
        long _lines;

        public bool IsUp { get; set; }

        public long Lines => Volatile.Read(ref _lines);

        public async Task<WebApplication> StartAsync()
        {
            WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
            builder.Logging.ClearProviders();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            WebApplication host = builder.Build();
            host.Run(HandleAsync);
            await host.StartAsync();
            return host;
        }

        async Task HandleAsync(HttpContext context)
        {
            if (!IsUp)
            {
                context.Response.StatusCode = 503;
                return;
            }

            await using GZipStream body = new(context.Request.Body, CompressionMode.Decompress);
            byte[] buffer = new byte[64 * 1024];
            long lines = 0;
            for (int read; (read = await body.ReadAsync(buffer)) > 0;)
            {
                lines += buffer.AsSpan(0, read).Count((byte)'\n');
            }

            await Task.Delay(ServerTime);
            Interlocked.Add(ref _lines, lines);
            context.Response.StatusCode = 204;
        }
    }
}
