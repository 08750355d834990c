namespace DeviceMqtt.Broker.Words;

/// <summary>What a client may do beyond plain MQTT. The names are values of settings.</summary>
public enum ClientRole : byte
{
    /// <summary>Takes P2P messages and answers them: may send P2P to all but devices.</summary>
    Device,

    /// <summary>May command: send P2P to everybody.</summary>
    Operator,

    /// <summary>A gateway below this one: may send P2P to everybody, and take what is for the devices that it has.</summary>
    Bridge,

    /// <summary>Looks on: may send P2P to nobody but itself.</summary>
    Monitor,
}
