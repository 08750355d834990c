namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>One mosquitto: stopped and started, and frozen for half a minute, as a network that drops every packet looks to us.</summary>
internal sealed class MosquittoEngine(MosquittoBroker broker) : UpstreamEngine
{
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(30);
    private DateTime _frozenSince;

    public override string Addresses => $"mqtt://{BrokerUnderTest.Host}:{broker.Port}";

    public override BrokerUnderTest Reader => broker;

    public override int Faults => 2;

    public override async Task Break(int fault)
    {
        if (fault == 0)
        {
            await broker.Down();
            return;
        }

        broker.Freeze();
        _frozenSince = DateTime.UtcNow;
    }

    public override async Task Mend(int fault)
    {
        if (fault == 0)
        {
            await broker.Up();
            return;
        }

        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (DateTime.UtcNow - _frozenSince < Frozen)
            _ = await timer.WaitForNextTickAsync();
        broker.Thaw();
    }

    public override ValueTask DisposeAsync() => broker.DisposeAsync();
}
