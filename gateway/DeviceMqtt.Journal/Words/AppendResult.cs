namespace DeviceMqtt.Journal;

/// <summary>What became of an append.</summary>
public enum AppendResult
{
    Appended,

    /// <summary>No room: the cap, the floor of free space, or the disk itself.</summary>
    Full,

    /// <summary>The journal has failed; nothing will be durable any more.</summary>
    Failed,
}
