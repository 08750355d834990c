using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker;

/// <summary>What a program may choose for a broker of its own.</summary>
public sealed class MqttBrokerOptions
{
    /// <summary>All bounds; the defaults fit a small machine.</summary>
    public GatewayLimits Limits { get; init; } = new();

    /// <summary>Who may connect and who may publish where; unless set, everybody everything.</summary>
    public IAccessRules Access { get; init; } = new OpenAccess();

    /// <summary>Who is told what happens; unless set, nobody.</summary>
    public IBrokerEvents Events { get; init; } = new NoEvents();

    /// <summary>The clock of all time limits.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
