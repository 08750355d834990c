#nullable enable
using System.Text;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Firmware.Tests.IlCheck.Offenders;

/// <summary>Planted: code with nothing wrong, so that the check is seen to keep silent too.</summary>
internal sealed class Clean
{
    private readonly object _gate = new();
    private readonly byte[][] _jagged = new byte[4][];
    private int _count;

    internal delegate int Step(int value);

    internal int Use(IMqttClient client, string topic)
    {
        lock (_gate)
        {
            Step step = value => value + _count;
            byte[] payload = Encoding.UTF8.GetBytes(topic);
            Array.Copy(payload, 0, _jagged[0], 0, payload.Length);
            client.Publish(topic, payload);
            try
            {
                _count = step(payload.Length) / topic.Length;
            }
            catch (Exception e)
            {
                topic = string.Concat(topic, 21.5.ToString("F2"), e.Message);
            }

            return string.Format("{0:F1}", _count).Length + topic.Length;
        }
    }
}
