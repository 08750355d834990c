namespace DeviceMqtt.Client.Words;

/// <summary>How far a command has come.</summary>
public enum CommandProgress
{
    /// <summary>The gateway has it.</summary>
    Accepted,

    /// <summary>It waits at the gateway, for the device or for an upstream.</summary>
    Queued,

    /// <summary>The device is not known at the gateway, and an upstream has the command.</summary>
    Relayed,

    /// <summary>The device has it.</summary>
    Delivered,

    /// <summary>The device has answered.</summary>
    Answered,
}
