using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>The gateway as it is shipped: published with ReadyToRun, with its defaults but for HTTP, which the others have not either.</summary>
internal sealed class GatewayPeer : Peer, IDisposable
{
    public const string DefaultName = "gateway";

    /// <summary>The build that another one is compared with.</summary>
    public const string BeforeName = "before";

    private string? _dll;
    private DirectoryInfo? _published;

    private readonly IReadOnlyList<string> _settings;

    /// <param name="name">Two builds can stand beside each other.</param>
    /// <param name="published">A published gateway, its folder or its DLL, or null to publish this source tree's to a temporary folder.</param>
    /// <param name="settings">Beyond those of the rows, as <c>Trace:BytesMax=0</c>.</param>
    public GatewayPeer(string name, string? published, IReadOnlyList<string> settings)
    {
        _settings = settings;
        Name = name;
        _dll = published is null ? null : Path.GetFullPath(Directory.Exists(published) ? Path.Combine(published, "DeviceMqtt.Gateway.dll") : published);
    }

    public override string Name { get; }

    public override string Describe() => $"DeviceMqtt.Gateway {FileVersionInfo.GetVersionInfo(_dll!).ProductVersion} on .NET {Environment.Version}{(_settings.Count > 0 ? $" with {string.Join(", ", _settings)}" : "")}";

    public override string? Prepare()
    {
        if (_dll is not null)
            return File.Exists(_dll) ? null : $"{_dll} does not exist";
        string project = Path.Combine(FindSourceTree(), "gateway", "DeviceMqtt.Gateway");
        _published = Directory.CreateTempSubdirectory("devicemqtt-bench-gateway-");
        Console.Error.WriteLine("publishing the gateway ...");
        (int exitCode, string output) = ProgramOnPath.Run(
            "dotnet", "publish", project, "-c", "Release", "-r", "linux-" + Architecture, "-p:PublishReadyToRun=true",
            "--self-contained", "false", "-o", _published.FullName, "--nologo", "-v", "quiet");
        if (exitCode != 0)
            return "dotnet publish failed:" + Environment.NewLine + output;
        _dll = Path.Combine(_published.FullName, "DeviceMqtt.Gateway.dll");
        return null;
    }

    public override BrokerProcess Start(BrokerSettings settings) => BrokerProcess.Start((folder, port) =>
    {
        string file = Path.Combine(folder, BrokerProcess.SettingsFileName);
        if (settings.GatewayFile.Length > 0)
            File.WriteAllText(file, settings.GatewayFile);
        string[] arguments = [_dll!, "run", "--listen", $"127.0.0.1:{port}", .. settings.SecurePort > 0 ? (string[])["--listen", $"mqtts://127.0.0.1:{settings.SecurePort}", "--set", $"Tls:CertificateFile={settings.CertificateFile}"] : [], "--http", settings.HttpPort > 0 ? $"127.0.0.1:{settings.HttpPort}" : "off", "--data", Path.Combine(folder, "data"), .. settings.GatewayFile.Length > 0 ? (string[])["--config", file] : [], .. Set(settings),
            .. settings.UpstreamPort > 0 ? (string[])["--upstream", $"mqtt://127.0.0.1:{settings.UpstreamPort}"] : []];
        return new ProcessStartInfo("dotnet", arguments);
    });

    public void Dispose() => _published?.Delete(recursive: true);

    private static readonly string[] KeepsMuch =
    [
        "Limits:QueueMessagesMax=100000000", "Limits:QueueBytesMax=1073741824", "Limits:QueueBytesTotalMax=8000000000",
        "Limits:JournalBytesMax=16000000000", "Limits:RelayMessagesMax=100000000", "Limits:RelayBytesMax=1073741824",
        "Limits:JournalPromisedPercentMax=100000", // some rows fill a small journal on purpose
        "Limits:SharePercentMax=100", // one address stands for all clients here
    ];

    // Each key once, with the last of its values.
    private IEnumerable<string> Set(BrokerSettings settings)
    {
        var values = new Dictionary<string, string>();
        foreach (string setting in (string[])[.. settings.KeepsMuch ? KeepsMuch : [], .. settings.GatewaySettings, .. _settings])
            values[setting[..setting.IndexOf('=')]] = setting;
        return values.Values.SelectMany(static setting => (string[])["--set", setting]);
    }

    private static string Architecture =>
        System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant();

    private static string FindSourceTree()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return folder.FullName;
        }
        throw new IOException("DeviceMqtt.sln is in no folder above the benchmark: name a published gateway with --gateway-dll");
    }
}
