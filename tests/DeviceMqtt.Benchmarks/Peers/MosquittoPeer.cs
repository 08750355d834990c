using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>Debian's mosquitto, nothing on disk, no limit on queues.</summary>
/// <param name="tuning">What is not as it is shipped.</param>
internal sealed class MosquittoPeer(MosquittoTuning tuning = MosquittoTuning.AsShipped) : Peer
{
    // mosquitto.conf(5), max_inflight_messages.
    private const int ShippedInFlight = 20;

    private readonly string? _file = ProgramOnPath.Find("mosquitto");

    public override string Name => tuning switch
    {
        MosquittoTuning.SendsAtOnce => "mosquitto-nodelay",
        MosquittoTuning.BridgeWithoutWindow => "mosquitto-nowindow",
        _ => Reference,
    };

    /// <summary>It is mosquitto as it is shipped, and nothing new, where a row does not ask for it.</summary>
    public override bool IsForLowLatencyOnly => tuning == MosquittoTuning.SendsAtOnce;

    /// <inheritdoc/>
    public override bool IsForRelayOnly => tuning == MosquittoTuning.BridgeWithoutWindow;

    // The first line of its help is "mosquitto version 2.0.11".
    public override string Describe() => ProgramOnPath.Run(_file!, "-h").Output.Split('\n')[0].Trim() + tuning switch
    {
        MosquittoTuning.SendsAtOnce => " with set_tcp_nodelay true",
        MosquittoTuning.BridgeWithoutWindow => " with max_inflight_messages 0 for its bridge",
        _ => "",
    };

    public override string? Prepare() => _file is null ? "mosquitto is not installed" : null;

    public override BrokerProcess Start(BrokerSettings settings) => BrokerProcess.Start((folder, port) =>
    {
        string passwords = Path.Combine(folder, "passwords");
        if (settings.MosquittoPasswords is not null)
            File.WriteAllText(passwords, settings.MosquittoPasswords);
        string file = Path.Combine(folder, "mosquitto.conf");
        File.WriteAllText(file, $"""
            listener {port} 127.0.0.1
            allow_anonymous true
            user {Environment.UserName}
            persistence {(settings.OutlivesRestart ? "true" : "false")}
            persistence_location {folder}/
            autosave_interval 0
            max_queued_messages 0
            max_queued_bytes 0
            max_inflight_messages {InFlightMax(settings)}
            set_tcp_nodelay {(tuning == MosquittoTuning.SendsAtOnce && settings.LowLatency ? "true" : "false")}
            connection_messages false
            log_dest stderr
            log_type error

            """ + (settings.MosquittoPasswords is null ? "" : $"password_file {passwords}\n") + string.Concat(settings.MosquittoLines.Select(static line => line + "\n")) + (settings.SecurePort > 0 ? Secure(settings) : "") + (settings.UpstreamPort > 0 ? Bridge(settings.UpstreamPort) : ""));
        return new ProcessStartInfo(_file!, ["-c", file]);
    });

    private static string Secure(BrokerSettings settings) => $"""
        listener {settings.SecurePort} 127.0.0.1
        certfile {settings.CertificateFile}
        keyfile {settings.CertificateFile}

        """;

    // max_inflight_messages holds for the bridge as well. With try_private its CONNECT has a protocol level of its own, which only mosquitto takes.
    private static string Bridge(int port) => $"""
        connection upstream
        address 127.0.0.1:{port}
        topic # out 1
        cleansession false
        notifications false
        try_private false
        restart_timeout 1

        """;

    // For clients 0, no limit, measures no better than its default of 20 with one subscriber and the same with a hundred. A bridge with 0 does not look at acknowledgements at all.
    private int InFlightMax(BrokerSettings settings) => settings.UpstreamPort > 0 && tuning != MosquittoTuning.BridgeWithoutWindow ? ShippedInFlight : 0;
}
