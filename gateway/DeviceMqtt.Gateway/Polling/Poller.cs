using System.Collections.Concurrent;
using System.Net.Sockets;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Observability;
using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>
/// One thread that waits for all sockets of MQTT, and on which everything runs that waits for them: what a connection that steps back does next waits
/// in line here, and no other thread has to wake up for it. It is a context, so that whatever was begun here goes on here.
/// </summary>
internal sealed class Poller : SynchronizationContext, IDisposable
{
    private const uint Ends = LinuxSockets.PeerHungUp | LinuxSockets.HungUp | LinuxSockets.Error;
    private const int EventsMax = 256; // of one look; the others are had by the next
    private const int LineUs = 2_000; // the line runs for so long at least before the next look. Chosen: a slice of a job has as much (Turn.SliceMs)
    private const int EndsUs = 1_000; // ends are told for so long before the next look. Chosen: half of that
    private const int EndsWaitUs = 10_000; // ends wait for so long at most while each look is full. Chosen: nobody sees that on a connection that is over
    private const int LookAgainMs = 100; // while a listener waits for a file
    private const int TrimMs = 1_000; // chosen: what a burst has taken is free again two seconds behind it

    private const int ClosedAtOnceMax = 16; // of one look. Chosen: a few come and go in no time; closing a socket takes ten microseconds

    private readonly record struct Work(SendOrPostCallback Run, object? State);

    /// <summary>A client that is gone, by its place and what epoll has told; or a connection that was served, and with what that failed.</summary>
    private readonly record struct End(ulong Place, uint Events, IServed? Served = null, Exception? Fault = null);

    private readonly Turn _turn;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly SafeFileHandle _poll;
    private readonly SafeFileHandle _alarm;
    private readonly ConcurrentQueue<Work> _line = new();

    // Connections whose clients are gone, in the order that was told. When an access point takes a thousand boards along, those who are still there go first.
    // What has ended waits behind them with its second half, too: to be closed when it was settled.
    private readonly Queue<End> _ends = new();
    private long _endsRanUs;
    private int _closedAtOnce;

    // Who is watched, by the place that epoll knows them by. A place that was given back is taken again, so each has a number with it: what epoll has told before that is not for the next.
    private readonly Lock _lock = new();
    private readonly Stack<int> _free = new();
    private IPolled?[] _watched = new IPolled?[64];
    private uint[] _numbers = new uint[64];
    private int _places;

    private static long _looks;
    [ThreadStatic]
    private static long _lookNumber;

    private long _trimmedMs;
    private int _isAsleep;
    private volatile bool _isStopped;

    /// <exception cref="SocketException">The process has no files left.</exception>
    public Poller(Turn turn, ILogger log)
    {
        (_turn, _log) = (turn, log);
        _poll = LinuxSockets.CreatePoll();
        _alarm = LinuxSockets.CreateAlarm();
        LinuxSockets.Watch(_poll, LinuxSockets.Add, (int)_alarm.DangerousGetHandle(), LinuxSockets.In, ulong.MaxValue);
        _thread = new Thread(Run) { IsBackground = true, Name = "mqtt sockets" };
        _thread.Start();
    }

    /// <summary>
    /// Of the look at the sockets that this thread serves now, never the same for two of them; 0 on a thread that serves none. What it serves had begun to arrive, or was put in line, before the number was
    /// drawn: what is read from the disk behind that is as new as it has to be, and for all of one look the same.
    /// </summary>
    public static long LookNumber => _lookNumber;

    /// <summary>Who wants to look again soon, because something is used up that the whole process shares. On the poller's thread.</summary>
    public List<Action> LookAgain { get; } = [];

    /// <summary>Watches a socket.</summary>
    /// <returns>Its place, for the other calls.</returns>
    /// <exception cref="SocketException">The kernel has no memory.</exception>
    public ulong Add(IPolled polled, int socket, uint events)
    {
        ulong place;
        lock (_lock)
        {
            if (!_free.TryPop(out int index))
                index = _places++;
            if (index == _watched.Length)
            {
                Array.Resize(ref _watched, index * 2);
                Array.Resize(ref _numbers, index * 2);
            }

            _watched[index] = polled;
            place = ((ulong)++_numbers[index] << 32) | (uint)index;
        }

        try
        {
            LinuxSockets.Watch(_poll, LinuxSockets.Add, socket, events, place);
        }
        catch (SocketException)
        {
            Forget(place);
            throw;
        }

        return place;
    }

    /// <summary>Watches for other things.</summary>
    public void Change(ulong place, int socket, uint events) => LinuxSockets.Watch(_poll, LinuxSockets.Change, socket, events, place);

    /// <summary>Its socket is about to be closed, which ends the watch.</summary>
    public void Forget(ulong place)
    {
        int index = (int)(uint)place;
        lock (_lock)
        {
            _watched[index] = null;
            _free.Push(index);
        }
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state)
    {
        _line.Enqueue(new Work(d, state));
        if (_isStopped)
            LeaveLine();
        else if (Interlocked.Exchange(ref _isAsleep, 0) == 1)
            Ring();
    }

    /// <summary>A connection was served: it is closed now, or behind those who are still there when many end at once.</summary>
    /// <param name="connection">Whose <see cref="IServed.TellServed"/> is called.</param>
    /// <param name="fault">What it failed with.</param>
    public void PostServed(IServed connection, Exception? fault)
    {
        if (Thread.CurrentThread != _thread || _isStopped || (_ends.Count == 0 && _closedAtOnce++ < ClosedAtOnceMax))
            connection.TellServed(fault);
        else
            _ends.Enqueue(new End(Place: 0, Events: 0, connection, fault));
    }

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("nobody waits for the sockets' thread");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Ends the thread. What is posted from now on runs on the thread pool.</summary>
    public void Dispose()
    {
        if (_isStopped)
            return;
        _isStopped = true;
        Ring();
        if (Thread.CurrentThread != _thread)
            _thread.Join();
        LeaveLine();
    }

    private void Run()
    {
        SetSynchronizationContext(this);
        Span<byte> events = stackalloc byte[EventsMax * LinuxSockets.EventBytes];
        while (!_isStopped)
        {
            try
            {
                int count = Look(events);
                bool isIdle = count == 0 && _line.IsEmpty && _ends.Count == 0;
                _turn.BeginGathering();
                try
                {
                    if (isIdle)
                        _turn.HasTimeForLateSends();
                    long beganUs = _turn.MonotonicUs();
                    Tell(events, count);
                    count = TellThoseBehind(events, count, beganUs);
                    RunLine(_line.Count, beganUs);
                    RunEnds(isFull: count == EventsMax, beganUs);
                    TellMore(events);
                }
                finally
                {
                    EndGathering(); // or nobody else would ever have a turn
                }
            }
            catch (Exception exception)
            {
                _log.PollerFailed(exception);
            }
        }

        while (_ends.TryDequeue(out End next))
        {
            if (next.Served is not null)
                Close(next);
        }

        _poll.Dispose();
        _alarm.Dispose();
    }

    private void Ring()
    {
        try
        {
            LinuxSockets.Ring(_alarm);
        }
        catch (ObjectDisposedException)
        {
            LeaveLine(); // it has ended in between
        }
    }

    // Nobody is left who runs it here.
    private void LeaveLine()
    {
        while (_line.TryDequeue(out Work next))
            _ = ThreadPool.UnsafeQueueUserWorkItem(static work => work.Run(work.State), next, preferLocal: false);
    }

    private int Look(Span<byte> events)
    {
        int timeoutMs = LookAgain.Count > 0 ? LookAgainMs : Blocks.HasAny ? TrimMs : Timeout.Infinite;
        // Whoever posts between the two looks at the line rings; who has posted before the second is seen by it.
        Volatile.Write(ref _isAsleep, 1);
        Interlocked.MemoryBarrier();
        if (!_line.IsEmpty || _ends.Count > 0 || _turn.HasLateSends)
            timeoutMs = 0;
        int count = Wait(events, timeoutMs);
        if (Environment.TickCount64 - _trimmedMs >= TrimMs)
        {
            Blocks.Trim();
            _trimmedMs = Environment.TickCount64;
        }

        HaveLookedAgain();
        return count;
    }

    // Behind a look that was full there may be somebody who only wants to be answered. Ends are put in line in no time, so that those behind thousands of them are reached before anything else is done.
    private int TellThoseBehind(Span<byte> events, int count, long beganUs)
    {
        while (count == EventsMax && _turn.MonotonicUs() - beganUs < LineUs)
        {
            count = Wait(events, timeoutMs: 0);
            Tell(events, count);
        }

        return count;
    }

    private int Wait(Span<byte> events, int timeoutMs)
    {
        try
        {
            return LinuxSockets.Wait(_poll, events, timeoutMs);
        }
        finally
        {
            Volatile.Write(ref _isAsleep, 0);
            NumberAnew();
        }
    }

    private static void NumberAnew() => _lookNumber = Interlocked.Increment(ref _looks);

    private void HaveLookedAgain()
    {
        if (LookAgain.Count == 0)
            return;
        Action[] lookers = [.. LookAgain];
        LookAgain.Clear();
        foreach (Action look in lookers)
            Guarded(static look => ((Action)look!)(), look);
    }

    // A fault of ours in what one connection does; the others go on. The kernel tells of each thing once: who is passed over here waits for ever.
    private void Guarded(SendOrPostCallback run, object? state)
    {
        try
        {
            run(state);
        }
        catch (Exception exception)
        {
            _log.PollerFailed(exception);
        }
    }

    private void Tell(ReadOnlySpan<byte> events, int count)
    {
        for (int i = 0; i < count; i++)
        {
            (uint happened, ulong place) = LinuxSockets.EventAt(events, i);
            if (place == ulong.MaxValue)
                LinuxSockets.Silence(_alarm);
            else if ((happened & Ends) != 0)
                _ends.Enqueue(new End(place, happened));
            else
            {
                LeaveIfEnough();
                Tell(place, happened);
            }
        }
    }

    // One message for hundreds of clients is a send for each of them. While the last of those sends were under way, more may have come for the same clients: it goes along. Nobody waits for it.
    private void TellMore(Span<byte> events)
    {
        // Those who are told may begin a gathering anew: the line and the ends have their turn all the same.
        long endUs = _turn.MonotonicUs() + EndsUs;
        while (_turn.IsForMany && !_turn.HasGatheredEnough && _turn.MonotonicUs() < endUs && Wait(events, timeoutMs: 0) is > 0 and int count)
            Tell(events, count);
    }

    private void LeaveIfEnough()
    {
        if (!_turn.HasGatheredEnough)
            return;
        EndGathering();
        _turn.BeginGathering();
    }

    // Also where it fails, the turn is free, and what was written has left.
    private void EndGathering() => Guarded(static turn => ((Turn)turn!).EndGathering(), _turn);

    private void Tell(ulong place, uint happened)
    {
        IPolled? polled;
        int index = (int)(uint)place;
        lock (_lock)
            polled = _numbers[index] == (uint)(place >> 32) ? _watched[index] : null;
        try
        {
            polled?.Happened(happened);
        }
        catch (Exception exception)
        {
            _log.PollerFailed(exception);
        }
    }

    // As long as what was told has taken, or a little longer: each has its half, and nobody waits for the whole of a long line.
    private void RunLine(int count, long beganUs)
    {
        if (count > 0)
            NumberAnew(); // it was put in line behind the look, maybe
        long nowUs = _turn.MonotonicUs();
        long endUs = nowUs + Math.Max(nowUs - beganUs, LineUs);
        while (count-- > 0 && _turn.MonotonicUs() < endUs && _line.TryDequeue(out Work next))
        {
            LeaveIfEnough();
            Guarded(next.Run, next.State);
        }
    }

    // Behind a look that was full there may be many who only want to be answered: they are told first, but not for ever. Ends have as much time as the others
    // have had, or they would pile up where clients come and go all the time.
    private void RunEnds(bool isFull, long beganUs)
    {
        _closedAtOnce = 0;
        if (_ends.Count == 0)
            return;
        long nowUs = _turn.MonotonicUs();
        if (isFull && nowUs - _endsRanUs < EndsWaitUs)
            return;
        long endUs = nowUs + Math.Max(EndsUs, nowUs - beganUs);
        while (_ends.TryDequeue(out End next))
        {
            LeaveIfEnough();
            if (next.Served is null)
                Tell(next.Place, next.Events);
            else
                Close(next);
            _endsRanUs = _turn.MonotonicUs();
            if (_endsRanUs >= endUs)
                return;
        }
    }

    private void Close(in End end)
    {
        try
        {
            end.Served!.TellServed(end.Fault);
        }
        catch (Exception exception)
        {
            _log.PollerFailed(exception);
        }
    }
}
