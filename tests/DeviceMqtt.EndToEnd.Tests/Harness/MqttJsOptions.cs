using System.Text.Json.Nodes;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>What an <see cref="MqttJs"/> client connects with; the names are those of mqtt.js.</summary>
internal sealed record MqttJsOptions
{
    public string ClientId { get; init; } = Unique.Name("js");

    public bool Clean { get; init; } = true;

    /// <summary>4 is MQTT 3.1.1, 5 is MQTT 5.0.</summary>
    public int ProtocolVersion { get; init; } = 4;

    public Will? Will { get; init; }

    /// <summary>Pause before it connects again by itself; 0: it does not.</summary>
    public int ReconnectPeriodMs { get; init; }

    public JsonObject ToJson()
    {
        JsonObject options = new()
        {
            ["clientId"] = ClientId,
            ["clean"] = Clean,
            ["protocolVersion"] = ProtocolVersion,
            ["reconnectPeriod"] = ReconnectPeriodMs,
        };
        if (ProtocolVersion == 5 && !Clean)
        {
            // In 5.0 it is this interval, not the clean start, that keeps a session.
            options["properties"] = new JsonObject { ["sessionExpiryInterval"] = 300 };
        }

        if (Will is not null)
        {
            options["will"] = new JsonObject { ["topic"] = Will.Topic, ["payload"] = Will.Payload, ["qos"] = Will.QoS, ["retain"] = Will.Retain };
        }

        return options;
    }
}
