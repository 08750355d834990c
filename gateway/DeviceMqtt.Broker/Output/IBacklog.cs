using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Output;

/// <summary>Messages that wait for one <see cref="ConnectionOutput"/>.</summary>
internal interface IBacklog : IJob
{
    /// <summary>Sends what waits, as far as window and network allow. Called inside a turn.</summary>
    void Pump(long nowMs);

    /// <summary>What does not get done in a slice asks for the next by itself.</summary>
    bool IJob.Run(Turn turn)
    {
        Pump(turn.NowMs);
        return true;
    }
}
