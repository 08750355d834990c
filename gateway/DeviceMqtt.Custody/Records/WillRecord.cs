using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Records;

/// <summary>A client's Will, for the case that the gateway is not there to see the client leave.</summary>
internal readonly record struct WillRecord(string ClientId, WillMessage Will)
{
    private const byte RetainBit = 0x04;

    public void Write(RecordWriter record)
    {
        record.Start(RecordKind.WillSet).Add(ClientId)
            .Add((byte)((int)Will.QoS | (Will.Retain ? RetainBit : 0)))
            .Add((long)Will.Properties.DelaySeconds)
            .Add(Will.Topic).Add(Will.Properties.PublishProperties).Add(Will.Payload);
    }

    public static WillRecord Read(ref RecordReader record)
    {
        string clientId = record.ReadText();
        byte flags = record.ReadByte();
        uint delaySeconds = (uint)record.ReadNumber();
        return new WillRecord(clientId, new WillMessage
        {
            QoS = (QoS)(flags & 3),
            Retain = (flags & RetainBit) != 0,
            Topic = record.ReadText(),
            Properties = new WillProperties { DelaySeconds = delaySeconds, PublishProperties = record.ReadBytes().ToArray() },
            Payload = record.ReadBytes().ToArray(),
        });
    }
}
