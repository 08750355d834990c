using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Device.Tests
{
    /// <summary>A message that was published.</summary>
    internal sealed class FakeMessage
    {
        internal FakeMessage(string topic, string payload, MqttQoSLevel qos, bool isRetained, ushort packetId)
        {
            Topic = topic;
            Payload = payload;
            QoS = qos;
            IsRetained = isRetained;
            PacketId = packetId;
        }

        internal string Topic { get; }

        internal string Payload { get; }

        internal MqttQoSLevel QoS { get; }

        internal bool IsRetained { get; }

        internal ushort PacketId { get; }
    }
}
