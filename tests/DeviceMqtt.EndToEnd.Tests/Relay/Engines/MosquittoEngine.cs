using System.Diagnostics;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// One mosquitto: stopped and started; frozen for half a minute, as a network that drops every packet looks to us; and killed
/// with messages under way. It keeps on disk only what it had when it was told to save: that is what is done before.
/// </summary>
internal sealed class MosquittoEngine(MosquittoBroker broker) : UpstreamEngine
{
    private const int Stopped = 0;
    private const int Killed = 2;
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(30);
    private long _frozenSince; // a timestamp of Stopwatch: the wall clock may be set meanwhile

    public override string Addresses => $"mqtt://{BrokerUnderTest.Host}:{broker.Port}";

    public override BrokerUnderTest Reader => broker;

    public override int Faults => 3;

    public override async Task Prepare(int fault, Func<Task> whenRelayed)
    {
        if (fault != Killed)
            return;
        await whenRelayed();
        await broker.Save();
    }

    public override async Task Break(int fault)
    {
        if (fault == Stopped)
        {
            await broker.Down();
            return;
        }

        // For the kill as well: what comes from here on lies in the kernel, and is acknowledged by nobody.
        broker.Freeze();
        _frozenSince = Stopwatch.GetTimestamp();
    }

    public override async Task Mend(int fault)
    {
        if (fault == Stopped)
        {
            await broker.Up();
            return;
        }

        if (fault == Killed)
        {
            await broker.Kill();
            await broker.Up();
            return;
        }

        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(100));
        while (Stopwatch.GetElapsedTime(_frozenSince) < Frozen)
            _ = await timer.WaitForNextTickAsync();
        broker.Thaw();
    }

    public override ValueTask DisposeAsync() => broker.DisposeAsync();
}
