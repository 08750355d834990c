using DeviceMqtt.Broker.State;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// The one place where a connection ends: its Will goes out, its Session is told, what it had in memory is given back. A few at a time are
/// settled at once. When an access point takes a thousand boards along, the rest wait here and are settled in slices, so that those who
/// are still there are served in between. Owned by the turn; as many wait as there may be connections.
/// </summary>
internal sealed class Departures(BrokerState broker, ConnectionTable table, FullJournal full, ConnectReceiver connects) : IJob
{
    // Chosen: a few hundred microseconds of work within one slice. That is 64 clients that say DISCONNECT, or eight with a Will.
    private const int AtOnceMax = 64;
    private const int HeavyCounts = 8;
    private const int LightSubscriptionsMax = 8; // each is taken out of the tree

    // By who pays for the time: a user that takes all its Sessions away at once does not stand in front of the Will of another's board. Nobody's are set aside, whatever it owes.
    private readonly PayerLines<Departure> _waiting = new(static departure => departure.Connection.Owner);
    private long _sliceBeganMs;
    private int _settledInSlice;

    private sealed record Departure(MqttConnection Connection, Exception? Failure, TaskCompletionSource Settled);

    /// <summary>A Will is a message, and a Session that is left or ends is a record.</summary>
    public bool Writes => true;

    string IJob.Name => "the end of connections";

    // What one of them fails at is its own, and was told (Run): the others go on.
    AfterFault IJob.Failed(Exception fault, Turn turn) => AfterFault.Later;

    /// <summary>Settles a connection that is not read any more, now or soon. In a turn.</summary>
    /// <param name="connection">Without an earlier reason its client is gone.</param>
    /// <param name="failure">What ended it; null for the end of what was sent.</param>
    /// <returns>Completes when it is settled.</returns>
    public Task SettleAsync(MqttConnection connection, Exception? failure)
    {
        if (_waiting.Count == 0 && !broker.Turn.Gate.IsBehind && MayPublishWill(connection) && IsOneOfFew(connection))
        {
            Settle(connection, failure);
            return Task.CompletedTask;
        }

        TaskCompletionSource settled = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(new Departure(connection, failure, settled));
        broker.Turn.Jobs.Continue(this);
        return settled.Task;
    }

    /// <inheritdoc/>
    public bool Run(Turn turn)
    {
        int before = _waiting.Count;
        for (int count = before; count > 0 && !turn.IsLong && !turn.Gate.IsBehind && _waiting.TryTake(out Departure? next); count--)
        {
            try
            {
                if (!MayPublishWill(next.Connection))
                {
                    _waiting.Add(next); // those of others are not behind it
                    continue;
                }

                Settle(next.Connection, next.Failure);
                next.Settled.SetResult();
            }
            catch (Exception exception)
            {
                // As if it had been settled at once: whoever serves the transport is told, and the others go on.
                next.Settled.SetException(exception);
            }
        }

        if (_waiting.Count == 0 || _waiting.Count < before || turn.IsLong || turn.Gate.IsBehind)
            return _waiting.Count == 0;
        broker.FanOuts.WakeWithRoom(this); // all that are left wait for room
        return true;
    }

    // A Will for many has to have room for what is left of it.
    private bool MayPublishWill(MqttConnection connection) => connection.Session is not { Will: not null } session || session.Connection != connection
        || connection.CloseReason is CloseReason.ClientDisconnected or CloseReason.ServerShuttingDown || broker.FanOuts.HasRoomFor(connection.Owner);

    private bool IsOneOfFew(MqttConnection connection)
    {
        long nowMs = broker.Turn.NowMs;
        if (nowMs - _sliceBeganMs >= Turn.SliceMs)
            (_sliceBeganMs, _settledInSlice) = (nowMs, 0);
        bool isHeavy = connection.Session is { } session && (session.Will is not null || session.Subscriptions.Count > LightSubscriptionsMax);
        _settledInSlice += isHeavy ? HeavyCounts : 1;
        return _settledInSlice <= AtOnceMax;
    }

    // A Session takes as long to end as it took to begin: the time is its user's.
    private void Settle(MqttConnection connection, Exception? failure)
    {
        connection.TurnBegan = broker.Turn.Time.GetTimestamp();
        try
        {
            SettleNow(connection, failure);
        }
        catch (Exception fault)
        {
            broker.Counters.JobFaults++;
            broker.Events.ConnectionFailed(fault, connection.Name);
            throw;
        }

        connection.CountTime(broker.Turn.Time, broker.Turn.WorkUs);
        _ = connection.Spend(broker.Turn.MonotonicUs()); // its next connection waits for it
    }

    private void SettleNow(MqttConnection connection, Exception? failure)
    {
        bool isOurs = failure is not (null or IOException or OperationCanceledException);
        if (isOurs)
            broker.Events.ConnectionFailed(failure!, connection.Name);
        connection.Close(isOurs ? CloseReason.InternalError : CloseReason.ClientGone, failure?.Message);
        full.Leave(connection);
        try
        {
            table.Close(connection);
        }
        finally
        {
            connects.Ended(connection); // whatever has failed: a CONNECT that waits for it goes on
        }

        broker.Turn.RunFollowUps(); // to tell that it is gone belongs to the slice
    }
}
