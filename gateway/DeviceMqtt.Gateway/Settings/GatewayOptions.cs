using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>All settings. Each can come from a JSON file, from <c>DEVICEMQTT__Section__Key</c> or from the command line; later ones win.</summary>
internal sealed class GatewayOptions
{
    /// <summary>Addresses for MQTT, over TLS those with <c>mqtts://</c>; <c>127.0.0.1:1883</c> when none is given. Port 0 takes a free one.</summary>
    public List<string> Listen { get; set; } = [];

    /// <summary>
    /// One thread of the gateway waits for all plain MQTT connections, on Linux; else they are Kestrel's, which takes 3 KB more for each.
    /// </summary>
    public bool PollSockets { get; set; } = true;

    /// <summary>Addresses for HTTP with MQTT over WebSocket at <c>/mqtt</c>, with commas between, over TLS those with <c>https://</c>; or <c>off</c>.</summary>
    public string Http { get; set; } = "127.0.0.1:8080";

    /// <summary>Variables of the environment that begin so are settings.</summary>
    public const string EnvironmentPrefix = "DEVICEMQTT__";

    /// <summary>The variable that has <see cref="Data"/>.</summary>
    public const string DataVariable = EnvironmentPrefix + nameof(Data);

    /// <summary>Value of <see cref="Data"/> for a gateway that keeps nothing: what it has acknowledged is gone with the process.</summary>
    public const string NoData = "none";

    /// <summary>Folder of everything that is kept, or <c>none</c>; under the user's local application data when not given.</summary>
    public string Data { get; set; } = "";

    /// <summary>State outlives the process.</summary>
    public bool KeepsData => Data != NoData;

    /// <summary>The upstream broker, <c>mqtt://user:password@host:1883</c>, or several addresses of it with commas between; none when empty.</summary>
    public string Upstream { get; set; } = "";

    public SecurityOptions Security { get; set; } = new();

    public TlsOptions Tls { get; set; } = new();

    public RelayOptions Relay { get; set; } = new();

    /// <summary>More upstreams, side by side: <c>Relays:0:Name</c>, <c>Relays:0:Addresses:0</c> and so on.</summary>
    public List<RelayOptions> Relays { get; set; } = [];

    /// <summary>What groups of 3.1.1 clients get, by pattern of their Client Identifier: <c>Policies:0:Match</c> and so on.</summary>
    public List<GroupPolicy> Policies { get; set; } = [];

    /// <summary>What holds for the messages of some topics: <c>Topics:0:Filter</c> and so on.</summary>
    public List<TopicRule> Topics { get; set; } = [];

    public GatewayLimits Limits { get; set; } = new();

    public TimeOptions Time { get; set; } = new();

    public HomeAssistantOptions HomeAssistant { get; set; } = new();

    public MqttOptions Mqtt { get; set; } = new();

    public PeerOptions P2P { get; set; } = new();

    public PresenceOptions Presence { get; set; } = new();

    public SysOptions Sys { get; set; } = new();

    public LogOptions Log { get; set; } = new();

    public TraceOptions Trace { get; set; } = new();

    public OtlpOptions Otlp { get; set; } = new();

    /// <summary>The HTTP API and the web console.</summary>
    public ConsoleOptions Console { get; set; } = new();

    /// <summary>The file that they were read from, with its whole path; empty for none. Not a setting itself.</summary>
    internal string File { get; set; } = "";

    /// <summary>Every value that was set, with the place that wins; put together when somebody asks. Not a setting itself.</summary>
    internal IReadOnlyList<SettingSource> Sources => SourcesRead?.Value ?? [];

    /// <summary>What <see cref="Sources"/> is read from.</summary>
    internal Lazy<IReadOnlyList<SettingSource>>? SourcesRead { get; set; }

    /// <summary>Listens again where it was listened: a free port that was taken stays the same.</summary>
    public void ListenAt(IEnumerable<ListenOn> mqtt, IEnumerable<ListenOn> http)
    {
        Listen = [.. mqtt.Select(static on => $"{(on.IsTls ? "mqtts" : "mqtt")}://{on.EndPoint}")];
        string[] addresses = [.. http.Select(static on => $"{(on.IsTls ? "https" : "http")}://{on.EndPoint}")];
        Http = addresses.Length == 0 ? "off" : string.Join(',', addresses);
    }
}
