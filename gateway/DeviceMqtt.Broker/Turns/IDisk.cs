namespace DeviceMqtt.Broker.Turns;

/// <summary>What is written in turns, and gets to the disk beside them. A port: the custody is one.</summary>
internal interface IDisk
{
    /// <summary>More is on its way to it than may be. Asked for each small step of a job.</summary>
    bool IsBehind { get; }

    /// <summary>What is on its way never gets there.</summary>
    bool HasFailed { get; }

    /// <summary>Somebody waits for what is on its way.</summary>
    void Commit();
}
