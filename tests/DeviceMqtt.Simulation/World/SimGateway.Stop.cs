using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody;
using DeviceMqtt.Journal;
using DeviceMqtt.Simulation.Checks;

namespace DeviceMqtt.Simulation.World;

// How it stops as a service is stopped, how its folder goes, and what it may not exceed.
internal sealed partial class SimGateway
{
    // Chosen: after so long whoever runs services kills one that does not stop.
    private const long StopMs = 30_000;
    private bool _isStopping;
    private bool _isFolderGone;
    private MemoryStorage? _folderLeft;
    private BoundsCheck? _bounds;

    /// <summary>How often it came to the end of a clean stop.</summary>
    public int Stops { get; private set; }

    /// <summary>How near its bounds were, in percent.</summary>
    public IReadOnlyDictionary<string, long> Reached => _bounds?.Reached ?? new Dictionary<string, long>();

    /// <summary>The ordinary end, as of a service: connections are closed without Wills, the relay takes its leave, and all that was written gets to the disk. It may be killed in the middle.</summary>
    public void Stop(long backMs)
    {
        if (!IsUp || _isStopping)
            return;
        world.Tell($"{Name} is told to stop");
        _isStopping = true;
        int run = _run;
        world.At(0, () => // where all that follows is an event of the world
        {
            if (run == _run)
                _ = StopAsync(_broker!, _state!, run, backMs);
        });
        world.At(StopMs, () =>
        {
            if (run == _run)
                Kill(power: false, backMs);
        });
    }

    // The order is that of the host of the gateway.
    private async Task StopAsync(MqttBroker broker, DurableState state, int run, long backMs)
    {
        if (planted is { ForgetsWillsAtStop: true })
            ForgetWills(broker);
        broker.CloseAll();
        await Task.WhenAll(_links.Select(static l => l.Served));
        if (run == _run && Relay is { } relay)
            await relay.StopAsync();
        await state.DisposeAsync();
        world.At(0, () => Stopped(run, backMs)); // not in the middle of what it waited for
    }

    private void Stopped(int run, long backMs)
    {
        if (run != _run || _cutMemory is not null)
            return; // it is killed, or its power is about to go
        Stops++;
        End(power: false, isClean: true, backMs);
    }

    /// <summary>Its data folder is taken away. What was in it then is put back when it has ended.</summary>
    public void LoseFolder()
    {
        if (!IsUp || _isFolderGone || _memory.Fault is not null)
            return;
        world.Tell($"the folder of {Name} is gone");
        (_folderLeft, _isFolderGone) = (_memory.Kill(), true);
        int run = _run;
        world.At(5000, () =>
        {
            if (run == _run)
                Kill(power: false, 500); // it had nothing to write
        });
    }

    /// <summary>After each step.</summary>
    public void CheckBounds()
    {
        if (Bounds is null || _broker is not { } broker)
            return;
        _bounds ??= new BoundsCheck(Bounds.Limits, Name);
        _bounds.Look(broker.State);
        Relay?.CheckBounds(_bounds);
        _bounds.HasLooked();
        if (Bounds.IsTight && _state?.Status is { IsFull: true })
            _full.Seen();
    }

    // Each drop that the broker decided is in the ledger, under the same reason. What nobody waits for may not have got to the disk where the gateway was killed, nor where it was stopped
    // while the disk had no room for it: a stop does not wait for room (seed 140 with upstreams and small bounds). What waits by the records on the disk is found again.
    private void CheckCounts(DurableState state)
    {
        _bounds?.Look(state);
        if (_restores > 0)
            return;
        foreach ((DropReason reason, long count) in Book.Counts)
        {
            long counted = Custody.Accounts.Ledger.Classes.Sum(c => reason == DropReason.Expired ? state.Ledger[c].Expired : state.Ledger[c].DroppedFor(reason));
            bool mayBeFewer = Downtimes.WasKilled || (Stops > 0 && counted >= count - Book.MayBeUnsaid(reason, WasFull));
            Truth.Expect(counted == count || (counted < count && mayBeFewer), $"{count} messages were dropped as {reason}, and the ledger has {counted}");
        }
    }

    private static void ForgetWills(MqttBroker broker)
    {
        using Turn.Scope scope = broker.State.Turn.Enter();
        foreach (Broker.Connections.MqttConnection connection in broker.Connections.Open)
            connection.Close(CloseReason.ClientDisconnected);
    }
}
