using System.Text;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>An Application Message as a client of somebody else's making reported it.</summary>
internal sealed record ReceivedMessage(string Topic, byte[] Payload, int QoS, bool Retain)
{
    public string Text => Encoding.UTF8.GetString(Payload);

    public override string ToString() =>
        $"{Topic} QoS {QoS}{(Retain ? " retained" : "")} {(Payload.Length <= 200 ? Text : $"({Payload.Length} bytes)")}";
}
