namespace DeviceMqtt.Broker.Connections;

/// <summary>One connection takes over from another with the same Client Identifier (<see cref="TakeOvers"/>). Owned by the turn.</summary>
internal sealed class TakeOver(string clientId, MqttConnection old, MqttConnection young, long number)
{
    public string ClientId => clientId;

    /// <summary>Is looked through for what it had sent.</summary>
    public MqttConnection Old => old;

    /// <summary>Waits for its CONNACK meanwhile.</summary>
    public MqttConnection Young { get; private set; } = young;

    /// <summary>Of the CONNECT of <see cref="Young"/>.</summary>
    public long Number { get; private set; } = number;

    /// <summary>Ends the waiting.</summary>
    public ITimer? Timer { get; set; }

    /// <summary>Read from the old connection meanwhile.</summary>
    public long Bytes { get; set; }

    /// <summary>So many times the old connection was read, and nothing more had arrived.</summary>
    public int QuietReads { get; set; }

    /// <summary>What the old connection had sent has counted.</summary>
    public bool IsReadOut { get; set; }

    /// <summary>A still newer connection takes the place of <see cref="Young"/>.</summary>
    public void PassTo(MqttConnection younger, long number)
    {
        Young = younger;
        Number = number;
    }
}
