using System.Net;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>The gateway as its users run it: a process of its own, with a data folder of its own and ports of the kernel's choice.</summary>
internal sealed class GatewayProcess : BrokerUnderTest
{
    private const string ListeningMqtt = "listening mqtt ";
    // The path of DeviceMqtt.Gateway.dll of another build, to see the tests fail that it should fail.
    private const string BuildVariable = "DEVICEMQTT_TEST_GATEWAY";
    private const string ListeningHttp = "listening http ";

    private readonly TestFolder _data;
    private int? _httpPort;

    private GatewayProcess(ChildProcess process, TestFolder data)
    {
        Process = process;
        _data = data;
    }

    public ChildProcess Process { get; }

    public IReadOnlyList<int> Ports { get; private set; } = [];

    public override int Port => Ports[0];

    public string DataFolder => _data.Path;

    public int HttpPort => _httpPort ?? throw new InvalidOperationException("the gateway was started without HTTP");

    public override Uri WebSocketAddress => new($"ws://{Host}:{HttpPort}/mqtt");

    /// <summary>Starts it on free ports and returns once it accepts connections.</summary>
    public static Task<GatewayProcess> Start(params IEnumerable<string> arguments) =>
        StartExactly(["--listen", $"{Host}:0", "--http", $"{Host}:0", .. arguments], listeners: 1, http: true);

    /// <summary>Starts it with nothing but these arguments and a data folder; returns once that many listeners accept connections.</summary>
    public static async Task<GatewayProcess> StartExactly(
        IEnumerable<string> arguments, int listeners, bool http, IReadOnlyDictionary<string, string>? environment = null, int? openFiles = null)
    {
        TestFolder data = new();
        string[] all = ["--data", data.Path, .. arguments];
        GatewayProcess gateway = new(openFiles is int files ? LaunchWithFewFiles(all, files, environment) : Launch(all, environment), data);
        try
        {
            await gateway.ReadAddresses(listeners, http);
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>The bare process, for cases in which it is not expected to start.</summary>
    public static ChildProcess Launch(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        LaunchExactly(["run", .. arguments], environment);

    /// <summary>The bare process, started by another command that takes it as its arguments.</summary>
    public static ChildProcess LaunchBy(IReadOnlyList<string> command, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        string[] all = [.. command, .. Command, "run", .. arguments];
        return ChildProcess.Start(all[0], all[1..], environment: environment);
    }

    /// <summary>The bare process, even without the word "run".</summary>
    public static ChildProcess LaunchExactly(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start(Command[0], [.. Command[1..], .. arguments], environment: environment);

    /// <summary>The bare process, which may have no more than so many files open.</summary>
    public static ChildProcess LaunchWithFewFiles(IEnumerable<string> arguments, int files, IReadOnlyDictionary<string, string>? environment = null) =>
        LaunchBy(WithFewFiles(files), arguments, environment);

    /// <summary>Starts another command that may have no more than so many files open.</summary>
    public static string[] WithFewFiles(int files) => ["sh", "-c", $"ulimit -n {files}; exec \"$0\" \"$@\""];

    /// <summary>What starts it.</summary>
    public static string[] Command => ["dotnet", Environment.GetEnvironmentVariable(BuildVariable) ?? Path.Combine(AppContext.BaseDirectory, "DeviceMqtt.Gateway.dll")];

    /// <summary>The same gateway by another of its addresses.</summary>
    public BrokerUnderTest At(int port) => new BrokerAddress(this, port);

    /// <summary>The line of the log that says why a connection has ended, without a DISCONNECT, found by its address: lines of others are written when theirs have ended, which may be now.</summary>
    public Task<string> WaitForEndOf(RawMqtt connection)
    {
        string[] addresses = [$"{Host}:{connection.LocalPort} ", $"{Host}:{connection.LocalPort})"];
        return Process.Output.WaitFor(
            line => line.Contains(" closed, ", StringComparison.Ordinal) && Array.Exists(addresses, address => line.Contains(address, StringComparison.Ordinal)), $"the log line of the end of {addresses[0]}");
    }

    /// <summary>SIGTERM, then the exit code.</summary>
    public async Task<int> Stop()
    {
        Process.Terminate();
        return await Process.WaitForExit();
    }

    public override string Transcript() => Process.Transcript();

    public override async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _data.Dispose();
    }

    // "listening mqtt 127.0.0.1:41233", with or without more behind the address.
    private static int PortOf(string line) => IPEndPoint.Parse(line.Split(' ')[2]).Port;

    private async Task ReadAddresses(int listeners, bool http)
    {
        if (http)
        {
            string line = await Process.Output.WaitFor(text => text.StartsWith(ListeningHttp, StringComparison.Ordinal), ListeningHttp);
            _httpPort = PortOf(line);
        }

        await Process.Output.WaitFor(_ => MqttLines().Length >= listeners, $"{listeners} lines '{ListeningMqtt}...'");
        Ports = [.. MqttLines().Select(PortOf)];
    }

    private string[] MqttLines() =>
        [.. Process.Output.Items.Where(line => line.StartsWith(ListeningMqtt, StringComparison.Ordinal))];
}
