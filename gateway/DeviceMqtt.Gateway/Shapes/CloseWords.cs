using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Shapes;

/// <summary>Why a client is not connected any more, in words for people.</summary>
internal static class CloseWords
{
    public static string Of(CloseReason reason) => reason switch
    {
        CloseReason.ClientDisconnected => "said goodbye",
        CloseReason.ClientDisconnectedWithWill => "left, and asked for its Will",
        CloseReason.ClientGone => "connection lost",
        CloseReason.KeepAliveTimeout => "no sign of it (Keep Alive)",
        CloseReason.OutputStalled => "did not read what it was sent",
        CloseReason.PacketStalled => "stopped in the middle of a packet",
        CloseReason.SessionTakenOver => "a newer connection took over",
        CloseReason.MalformedPacket or CloseReason.ProtocolError or CloseReason.PacketTooLarge => "sent a packet that is not allowed",
        CloseReason.TopicNameInvalid => "sent a Topic Name that is not allowed",
        CloseReason.NotAuthorized => "wrong user name or password",
        CloseReason.QuotaExceeded => "reached a limit",
        CloseReason.ReceiveMaximumExceeded => "sent more than it may at once",
        CloseReason.ServerShuttingDown => "the gateway stopped",
        CloseReason.EndedByOperator => "an operator ended it",
        CloseReason.InternalError => "a fault of the gateway",
        CloseReason.None => "connected",
        _ => reason.ToString(),
    };
}
