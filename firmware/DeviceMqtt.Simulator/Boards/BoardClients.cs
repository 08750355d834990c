using DeviceMqtt.Device;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Simulator;

/// <summary>A board's way to the gateway: makes its clients, and can cut them all off.</summary>
internal sealed class BoardClients(string host, int port, MqttClientTimes times) : IMqttClientFactory
{
    private readonly Lock _gate = new();
    private MqttClient? _last;
    private bool _isDead;

    public IMqttClient Create()
    {
        MqttClient client = new(host, port, times);
        lock (_gate)
        {
            // A board without power makes no connection, even if an attempt was on its way.
            ObjectDisposedException.ThrowIf(_isDead, this);
            _last = client;
        }

        return client;
    }

    /// <summary>The connection is gone without DISCONNECT, as when the Wi-Fi drops; the board notices and makes a new one.</summary>
    internal void Drop()
    {
        MqttClient? last;
        lock (_gate)
        {
            last = _last;
        }

        last?.Close();
    }

    /// <summary>The board is gone without DISCONNECT, as when the power fails.</summary>
    internal void Kill()
    {
        lock (_gate)
        {
            _isDead = true;
        }

        Drop();
    }
}
