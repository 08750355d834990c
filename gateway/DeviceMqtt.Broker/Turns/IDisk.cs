namespace DeviceMqtt.Broker.Turns;

/// <summary>What is written in turns, and gets to the disk beside them. A port: the custody is one.</summary>
internal interface IDisk
{
    /// <summary>Bytes that may be put on their way to it now; none or less when it is behind. Asked for each small step of a job.</summary>
    long RoomBytes { get; }

    /// <summary>Bytes that may wait at most, behind those that it writes at the moment: a slow disk has fewer, or everybody would wait for all of them.</summary>
    long WaitingBytesMax { get; }

    /// <summary>What is on its way never gets there.</summary>
    bool HasFailed { get; }

    /// <summary>Somebody waits for what is on its way.</summary>
    void Commit();
}
