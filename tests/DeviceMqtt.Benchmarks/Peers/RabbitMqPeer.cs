using System.Diagnostics;
using System.Globalization;

namespace DeviceMqtt.Benchmarks.Peers;

/// <summary>RabbitMQ with its MQTT plugin, Debian's rabbitmq-server, as a node of its own: only to stand above.</summary>
internal sealed class RabbitMqPeer : Peer
{
    // The program in /usr/sbin changes to the user rabbitmq, who owns the machine's one node.
    private const string Program = "/usr/lib/rabbitmq/bin/rabbitmq-server";

    public override string Name => "rabbitmq";

    // Its MQTT is 3.1.1.
    public override bool SpeaksV5 => false;

    public override string Describe() => "rabbitmq " + ProgramOnPath.Run("/usr/bin/dpkg-query", "-W", "-f=${Version}", "rabbitmq-server").Output.Trim();

    public override string? Prepare() => File.Exists(Program) ? null : "rabbitmq-server is not installed";

    public override BrokerProcess Start(BrokerSettings settings)
    {
        string names = BrokerProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        return BrokerProcess.Start((folder, port) => Command(folder, port, names), ended: () => ProgramOnPath.Run("epmd", "-port", names, "-kill")); // Erlang's name server stays behind its node
    }

    private static ProcessStartInfo Command(string folder, int port, string names)
    {
        string configuration = Path.Combine(folder, "rabbitmq.conf");
        File.WriteAllText(configuration, $"""
            listeners.tcp = none
            mqtt.listeners.tcp.1 = 127.0.0.1:{port}
            mqtt.allow_anonymous = true
            mqtt.default_user = guest
            mqtt.default_pass = guest
            mqtt.prefetch = 1000
            log.file = false

            """);
        string plugins = Path.Combine(folder, "enabled_plugins");
        File.WriteAllText(plugins, "[rabbitmq_mqtt].\n");
        ProcessStartInfo start = new(Program);
        start.Environment["HOME"] = folder;
        start.Environment["ERL_EPMD_PORT"] = names;
        start.Environment["ERL_EPMD_ADDRESS"] = "127.0.0.1";
        start.Environment["RABBITMQ_NODENAME"] = "devicemqtt-bench@localhost";
        start.Environment["RABBITMQ_DIST_PORT"] = BrokerProcess.FreePort().ToString(CultureInfo.InvariantCulture);
        start.Environment["RABBITMQ_CONFIG_FILE"] = configuration;
        start.Environment["RABBITMQ_ENABLED_PLUGINS_FILE"] = plugins;
        start.Environment["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data");
        start.Environment["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log");
        start.Environment["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid");
        // The script becomes the node, so that what is stopped for the backlog is the node.
        start.Environment["RABBITMQ_ALLOW_INPUT"] = "true";
        start.Environment["RABBITMQ_SERVER_START_ARGS"] = "-noinput";
        return start;
    }
}
