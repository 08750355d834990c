namespace DeviceMqtt.Client.Words;

/// <summary>How far a command has come.</summary>
public enum CommandProgress
{
    /// <summary>The gateway has it.</summary>
    Accepted,

    /// <summary>It waits for the device at the gateway.</summary>
    Queued,

    /// <summary>The device has it.</summary>
    Delivered,

    /// <summary>The device has answered.</summary>
    Answered,
}
