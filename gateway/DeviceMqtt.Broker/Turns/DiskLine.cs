namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// Who waits to have something written while the disk is behind. They go on in turn of their owners, whoever came first: next is one of the owner that has
/// had least. So an owner with a thousand connections has no more of a slow disk than one with a single one.
/// <list type="bullet">
/// <item>Somebody waits only while there is no room: whenever there is some, the next go on.</item>
/// <item>What those may write who go on counts as on its way, until they have written it or say that they will not.</item>
/// </list>
/// Owned by the turn.
/// </summary>
internal sealed class DiskLine
{
    // Chosen: who sends small packets does not wait for each of them, and a slow disk has some thirty of these at a time.
    private const int TurnBytesMin = 16 * 1024;

    private PriorityQueue<DiskShare, (long Had, long Number)>? _line; // made when somebody has to wait: it and what compares for it are not compiled at each start
    private long _hadAtLast; // of the one that went on last
    private long _granted;
    private long _number;

    /// <summary>Where it is written; null when nothing is.</summary>
    public IDisk? Disk { get; set; }

    private long Room => Disk is { } disk ? disk.RoomBytes - _granted : long.MaxValue;

    /// <summary>Goes on at once, if there is room and nobody waits.</summary>
    public bool TryGo(DiskShare share, int bytes)
    {
        if (_line is { Count: > 0 } || Room <= 0)
            return false;
        share.BeginAt(_hadAtLast);
        share.Charge(bytes);
        return true;
    }

    /// <summary>Waits for its turn.</summary>
    public DiskTurn Wait(DiskShare share, int bytes)
    {
        if (_line is null or { Count: 0 })
            Disk?.Commit(); // what is lazy would not be on its way for a second
        DiskTurn turn = new(share, bytes);
        share.Waiting.Enqueue(turn);
        if (!share.IsInLine)
        {
            share.BeginAt(_hadAtLast);
            Enqueue(share);
        }

        return turn;
    }

    /// <summary>Whose turn it is has so much written.</summary>
    /// <returns>False when that is more than it may.</returns>
    public bool TryUse(DiskTurn turn, int bytes)
    {
        if (bytes > turn.Left)
            return false;
        turn.Left -= bytes;
        _granted -= bytes;
        return true;
    }

    /// <summary>It writes no more, or does not wait any longer: others go on.</summary>
    public void End(DiskTurn turn)
    {
        if (turn.IsOver)
            return;
        turn.IsOver = true;
        turn.Share.Charge(-turn.Left);
        _granted -= turn.Left;
        turn.Left = 0;
        Serve();
    }

    /// <summary>There may be room: the next go on.</summary>
    public void Serve()
    {
        while (_line is { Count: > 0 } && Room > 0)
        {
            DiskShare share = _line.Dequeue();
            share.IsInLine = false;
            while (share.Waiting.TryDequeue(out DiskTurn? turn))
            {
                if (turn.IsOver)
                    continue;
                GoOn(turn);
                break;
            }

            if (share.Waiting.Count > 0)
                Enqueue(share);
        }
    }

    private void GoOn(DiskTurn turn)
    {
        long bytes = Math.Max(turn.Bytes, TurnBytesMin);
        _hadAtLast = Math.Max(_hadAtLast, turn.Share.Had);
        turn.Share.Charge(bytes);
        _granted += bytes;
        turn.Grant(bytes);
    }

    private void Enqueue(DiskShare share)
    {
        share.IsInLine = true;
        (_line ??= new PriorityQueue<DiskShare, (long Had, long Number)>()).Enqueue(share, (share.Had, _number++));
    }
}
