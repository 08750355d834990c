namespace DeviceMqtt.Gateway.Watching;

/// <summary>How certain a change is.</summary>
internal enum DurableEnd
{
    /// <summary>A power cut does not undo it; or nothing of it has to outlive the process.</summary>
    OnDisk,

    /// <summary>There was no room for it.</summary>
    NoRoom,

    /// <summary>The disk has failed, or does not get to it: after a restart it may be undone.</summary>
    NotCertain,
}
