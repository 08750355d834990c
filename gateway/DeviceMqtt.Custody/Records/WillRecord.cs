using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>A client's Will, for the case that the gateway is not there to see the client leave.</summary>
internal readonly record struct WillRecord(ClientIdentity Client, WillMessage Will)
{
    private const byte RetainBit = 0x04;

    public void Write(RecordWriter record)
    {
        record.Start(RecordKind.WillSet).Add(Client.ClientId)
            .Add((byte)((int)Will.QoS | (Will.Retain ? RetainBit : 0)))
            .Add((long)Will.Properties.DelaySeconds)
            .Add(Will.Topic).Add(Will.Properties.PublishProperties).Add(Will.Payload)
            .Add((byte)Client.Role).AddUser(Client.UserName);
    }

    public static WillRecord Read(ref RecordReader record)
    {
        string clientId = record.ReadText();
        byte flags = record.ReadByte();
        uint delaySeconds = (uint)record.ReadNumber();
        WillMessage will = new()
        {
            QoS = (QoS)(flags & 3),
            Retain = (flags & RetainBit) != 0,
            Topic = record.ReadText(),
            Properties = new WillProperties { DelaySeconds = delaySeconds, PublishProperties = record.ReadBytes().ToArray() },
            Payload = record.ReadBytes().ToArray(),
        };
        // Records of versions before do not say who it was.
        ClientRole role = record.IsAtEnd ? ClientRole.Device : (ClientRole)record.ReadByte();
        return new WillRecord(new ClientIdentity(clientId, record.ReadUser(), role), will);
    }
}
