using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Watching;

/// <summary>
/// A change of the state that somebody asked for who is no client of MQTT: made in a turn, and answered when it is certain. As with an acknowledgement, what is
/// answered before the disk has it could be undone by a power cut right after the answer.
/// </summary>
internal sealed class DurableChange : IHeld
{
    /// <summary>Seconds that an answer waits for the disk. Chosen: a slow card syncs in one, and a person waits no longer.</summary>
    public const int WaitSecondsMax = 10;

    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DurableGate _gate;
    private readonly long _position;

    private DurableChange(DurableGate gate, long position)
    {
        _gate = gate;
        _position = position;
    }

    /// <summary>Makes a change, with all that follows of it in the same turn.</summary>
    /// <param name="broker">Whose state.</param>
    /// <param name="change">Called inside a turn. What it has kept and may be refused, it joins into the outcome of the turn's gate.</param>
    /// <returns>What it returned, and whether it is on the disk. Outside a turn.</returns>
    public static async Task<(T Found, DurableEnd End)> MakeAsync<T>(BrokerState broker, Func<T> change)
    {
        (T found, DurableEnd end, DurableChange? waiting) = Make(broker, change);
        if (waiting is null)
            return (found, end);
        await waiting._over.Task.WaitAsync(TimeSpan.FromSeconds(WaitSecondsMax), broker.Turn.Time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        using Turn.Scope scope = broker.Turn.Enter();
        broker.Turn.Gate.Forget(waiting);
        return (found, broker.Turn.Gate.Durable >= waiting._position ? DurableEnd.OnDisk : DurableEnd.NotCertain);
    }

    bool IHeld.Release(long durable)
    {
        if (durable < _position && !_gate.HasFailed)
            return false;
        _ = _over.TrySetResult();
        return true;
    }

    private static (T Found, DurableEnd End, DurableChange? Waiting) Make<T>(BrokerState broker, Func<T> change)
    {
        using Turn.Scope scope = broker.Turn.Enter();
        DurableGate gate = broker.Turn.Gate;
        gate.BeginPacket();
        long before = broker.Custody.LastPosition;
        T found = change();
        broker.Turn.RunFollowUps(); // whoever is told of it
        if (gate.Outcome.IsNoRoom)
            return (found, DurableEnd.NoRoom, null);
        if (gate.Outcome.IsFailed)
            return (found, DurableEnd.NotCertain, null);
        // What is lazy counts too: nobody acknowledges it to a client, but this answer says that it is done.
        Kept kept = broker.Custody.LastPosition > before ? broker.Custody.KeptSoFar() : gate.Outcome;
        if (kept.Position <= gate.Durable)
            return (found, DurableEnd.OnDisk, null);
        if (gate.HasFailed)
            return (found, DurableEnd.NotCertain, null);
        DurableChange waiting = new(gate, kept.Position);
        gate.Wait(waiting, isFirst: true);
        return (found, DurableEnd.OnDisk, waiting);
    }
}
