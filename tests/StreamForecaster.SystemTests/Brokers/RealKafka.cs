using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using StreamForecaster.Worker.Ingestion;

namespace StreamForecaster.SystemTests.Brokers;

/// <summary>An Apache Kafka on loopback, started by the <c>kafka</c> script of a folder <c>shared/kafka</c> beside the checkout.</summary>
public sealed class RealKafka : KafkaBroker, IAsyncLifetime
{
    // The script puts the controller 100 above the broker.
    const int ControllerDistance = 100;
    const int SecureDistance = 50;

    /// <summary>The password of the user <c>reader</c>.</summary>
    internal const string Password = "between-us";

    readonly string _script = Path.Combine(Checkout.Root, "..", "shared", "kafka", "kafka");
    readonly string _folder = Directory.CreateTempSubdirectory("streamforecaster-kafka-").FullName;
    string? _missing;
    string _bootstrap = "";

    public override string? Missing => _missing;

    public override string BootstrapServers => _bootstrap;

    /// <summary>The address that asks for TLS and a password.</summary>
    internal string SecureBootstrapServers { get; private set; } = "";

    /// <summary>The broker's certificate.</summary>
    internal string CertificatePath => Path.Combine(_folder, "certificate.pem");

    public async ValueTask InitializeAsync()
    {
        NativeKafka.EnsureLoaded();
        _missing = !File.Exists(_script) ? "No Apache Kafka here: ../shared/kafka is absent."
            : !OnPath("java") ? "No Java here: install openjdk-17-jre-headless to run the tests against Apache Kafka."
            : null;
        if (_missing is null)
        {
            int port = FreePort();
            string key = Path.Combine(_folder, "key.pem");
            LoopbackCertificate.Write(CertificatePath, key);
            string answer = await StartAsync(port, key);
            _bootstrap = answer.Trim().Split('\n')[^1];
            SecureBootstrapServers = $"127.0.0.1:{port + SecureDistance}";
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_missing is null)
        {
            await RunAsync("stop", _folder);
        }

        Directory.Delete(_folder, recursive: true);
    }

    public override async Task CreateTopicAsync(string name, int partitions)
    {
        using IAdminClient admin = NewAdmin();
        await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = 1 }]);
    }

    public override async Task CreateLastingTopicAsync(string name, int partitions)
    {
        using IAdminClient admin = NewAdmin();
        TopicSpecification topic = new()
        {
            Name = name,
            NumPartitions = partitions,
            ReplicationFactor = 1,
            Configs = new() { ["retention.ms"] = "-1" },
        };
        await admin.CreateTopicsAsync([topic]);
    }

    public IAdminClient NewAdmin() =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = BootstrapServers }).Build();

    static bool OnPath(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    // A second way in, beside the open one.
    static string[] SecureListener(int port, string key)
    {
        string open = $"PLAINTEXT://127.0.0.1:{port},SASL_SSL://127.0.0.1:{port + SecureDistance}";
        return
        [
            "--set", $"listeners={open},CONTROLLER://127.0.0.1:{port + ControllerDistance}",
            "--set", $"advertised.listeners={open}",
            "--set", "sasl.enabled.mechanisms=PLAIN",
            "--set", "listener.name.sasl_ssl.plain.sasl.jaas.config="
                + $"org.apache.kafka.common.security.plain.PlainLoginModule required user_reader=\"{Password}\";",
            "--set", "ssl.keystore.type=PEM",
            "--set", $"ssl.keystore.location={key}",
        ];
    }

    // One in 64 cluster ids begins with a dash, which the format tool takes for an option.
    async Task<string> StartAsync(int port, string key)
    {
        string[] arguments = ["start", _folder, "--port", $"{port}", .. SecureListener(port, key)];
        try
        {
            return await RunAsync(arguments);
        }
        catch (InvalidOperationException)
        {
            return await RunAsync(arguments);
        }
    }

    static int FreePort()
    {
        while (true)
        {
            using TcpListener broker = new(IPAddress.Loopback, 0);
            broker.Start();
            int port = ((IPEndPoint)broker.LocalEndpoint).Port;
            try
            {
                using TcpListener controller = new(IPAddress.Loopback, port + ControllerDistance);
                controller.Start();
                using TcpListener secure = new(IPAddress.Loopback, port + SecureDistance);
                secure.Start();
                return port;
            }
            catch (SocketException)
            {
                // Taken: the next one.
            }
        }
    }

    async Task<string> RunAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(_script, arguments) { RedirectStandardOutput = true, UseShellExecute = false };
        start.Environment["KAFKA_HEAP"] = "-Xms128m -Xmx256m";
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? output
            : throw new InvalidOperationException($"{_script} {arguments[0]} ended with {process.ExitCode}");
    }
}
