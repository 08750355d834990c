namespace DeviceMqtt.Broker.Words;

/// <summary>What the name of a <see cref="DropOwner"/> is of.</summary>
public enum DropOwnerKind : byte
{
    /// <summary>A Client Identifier.</summary>
    Client = 0,

    /// <summary>The name of an upstream.</summary>
    Upstream = 1,

    /// <summary>A Topic Name.</summary>
    Topic = 2,
}
