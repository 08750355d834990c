namespace DeviceMqtt.Broker.Words;

/// <summary>Why a client is shown as it is, on <c>$gw/presence/{clientId}</c>.</summary>
internal enum PresenceReason : byte
{
    Connected,

    /// <summary>It said DISCONNECT.</summary>
    Disconnected,

    /// <summary>It sent nothing for one and a half times its Keep Alive.</summary>
    Silent,

    /// <summary>Its connection ended without a word.</summary>
    Lost,

    /// <summary>The gateway closed its connection.</summary>
    Closed,

    /// <summary>The gateway stops.</summary>
    GatewayStops,

    /// <summary>The gateway has started, and has not seen it yet.</summary>
    GatewayStarted,

    /// <summary>It said when it would be back, and it is not that late.</summary>
    Asleep,

    /// <summary>It said when it would be back, and is not.</summary>
    Overdue,
}
