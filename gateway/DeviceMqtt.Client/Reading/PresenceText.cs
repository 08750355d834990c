using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Reading;

/// <summary>What the gateway says on <c>$gw/presence/{clientId}</c>.</summary>
internal static class PresenceText
{
    private const int TextBytesMax = 256;

    /// <summary>Null when it is none.</summary>
    public static DevicePresence? Read(string clientId, byte[] payload)
    {
        FlatJsonReader reader = new();
        bool isOnline = false, said = false;
        long since = 0, connection = 0, until = 0;
        string reason = "", gateway = "";
        reader.Start(payload, 0, payload.Length);
        while (reader.Read())
        {
            if (reader.NameIs(GatewayPresence.OnlineField))
                said = reader.TryGetBoolean(out isOnline);
            else if (reader.NameIs(GatewayPresence.SinceField))
                _ = reader.TryGetInt64(out since);
            else if (reader.NameIs(GatewayPresence.ReasonField))
                _ = reader.TryGetString(TextBytesMax, out reason);
            else if (reader.NameIs(GatewayPresence.ConnectionField))
                _ = reader.TryGetInt64(out connection);
            else if (reader.NameIs(GatewayPresence.GatewayField))
                _ = reader.TryGetString(TextBytesMax, out gateway);
            else if (reader.NameIs(GatewayPresence.UntilField))
                _ = reader.TryGetInt64(out until);
        }

        if (reader.IsMalformed || !said || Moment(since) is not { } moment)
            return null;
        return new DevicePresence(clientId, isOnline, moment, reason, connection, gateway, until == 0 ? null : Moment(until));
    }

    private static DateTimeOffset? Moment(long seconds) =>
        seconds is >= 0 and <= 253_402_300_799 ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null; // until the year 9999
}
