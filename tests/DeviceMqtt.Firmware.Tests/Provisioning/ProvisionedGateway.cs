using System.Net;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Firmware.Tests.Provisioning;

/// <summary>A gateway with a data folder, and the command line that lets devices in.</summary>
internal sealed class ProvisionedGateway : IAsyncDisposable
{
    private readonly GatewayHost _host;

    private ProvisionedGateway(string data, GatewayHost host)
    {
        Data = data;
        _host = host;
    }

    internal string Data { get; }

    internal IPEndPoint EndPoint => _host.MqttEndPoints.First();

    internal string Url => $"mqtt://{EndPoint}";

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        await _host.DisposeAsync();
        Directory.Delete(Data, recursive: true);
    }

    internal static async Task<ProvisionedGateway> StartAsync()
    {
        string data = Directory.CreateTempSubdirectory("devicemqtt-data").FullName;
        Directory.CreateDirectory(Path.Combine(data, GatewayHost.JournalFolder));
        GatewayHost host = GatewayHost.Create(new GatewayOptions { Listen = ["127.0.0.1:0"], Http = "off", Data = data });
        await host.StartAsync();
        return new ProvisionedGateway(data, host);
    }

    /// <summary>The exit code of <c>device add NAME</c> with this gateway's folder and address.</summary>
    internal int Add(string name, string board, params string[] more) => Run(
        ["add", name, "--board", board, "--wifi", "Käse \"5\"", "--wifi-open", "--gateway", EndPoint.ToString(), "--data", Data, .. more]);

    internal static int Run(params string[] words) => DeviceCommand.Create().Parse(words).Invoke();

    internal string FolderOf(string name) => DeviceFolder.Of(Data, name).Path;
}
