using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Budgets;

/// <summary>
/// Who answers for what clients make the gateway keep and do: a user, an address where there is none, or nobody in particular. It has an
/// account of each <see cref="Good"/>. Owned by the turn.
/// </summary>
/// <param name="name">For the log.</param>
/// <param name="accounts">One for each good.</param>
/// <param name="sharePercent">Of each, and of the time of the turn.</param>
/// <param name="time">What all have of that together.</param>
internal sealed class Owner(string name, Account[] accounts, int sharePercent, TurnTime time) : IHeld, IPayer
{
    private const int Percent = 100;

    // Chosen: who has less on its way than this part of its share is not held back for what others have.
    private const int LittleShare = 16;

    // Chosen: some hundred readings. It is little on every disk.
    private const int LittleBytes = 16 * 1024;

    private readonly OnTheWay _onTheWay = new();
    private readonly DiskShare _disk = new(sharePercent);
    private TurnSignal _hasLessOnTheWay;
    private TurnSignal _hasCollected;
    private LinkedList<object>? _heldForMemory; // large packets that wait for memory, in the order in which they came
    private bool _isHeld;
    private long _freeAtUs; // by then what it had of the time of the turn is its share
    private int _references;

    public string Name => name;

    public int SharePercent => sharePercent;

    /// <summary>It is of connections whose CONNECT is not accepted yet.</summary>
    public bool IsStranger { get; init; }

    /// <summary>What it takes in memory itself.</summary>
    public int Bytes { get; init; }

    /// <summary>What sending to its clients takes of the time; null where it has all of it.</summary>
    public SendShare? Sends { get; } = sharePercent >= Percent ? null : new(sharePercent);

    /// <summary>The user, as a record on the disk has it; null for an address, and for nobody in particular.</summary>
    public string? UserName { get; init; }

    /// <summary>Its filters of shared subscriptions.</summary>
    public SharedFilters Shared { get; } = new();

    /// <summary>Its messages are handled as fast as they come.</summary>
    public bool HasAllTime => sharePercent >= Percent;

    /// <summary>What may be on its way to the disk because of it.</summary>
    public long PendingBytesMax { get; set; } = long.MaxValue;

    public Account this[Good good] => accounts[(int)good];

    /// <summary>Connections of its clients with a whole packet that waits for the disk: what they have in memory is given back when the disk gets further.</summary>
    public int WaitForDisk { get; set; }

    /// <summary>Large packets of its clients that are not whole, and are read on until they are.</summary>
    public int Collecting { get; private set; }

    /// <summary>Bytes of memory that they will take yet, as their headers say.</summary>
    public long ToCome { get; private set; }

    /// <summary>A large packet is collected, is no more, or has come further.</summary>
    /// <param name="more">1 when it begins, -1 when it is whole or is no longer to come, and 0 otherwise.</param>
    /// <param name="toCome">So many more bytes are to come.</param>
    public void Collect(int more, long toCome)
    {
        Collecting += more;
        ToCome += toCome;
        if (more < 0)
            _hasCollected.Set();
    }

    /// <summary>A large packet waits until there is memory for all of it.</summary>
    /// <param name="waiter">Whose it is.</param>
    /// <param name="isFirst">It goes on before the others. Otherwise first come, first served: or one that sends packet after packet had all of it.</param>
    /// <returns>Its place.</returns>
    public LinkedListNode<object> TakeTurnToCollect(object waiter, bool isFirst) =>
        isFirst ? (_heldForMemory ??= []).AddFirst(waiter) : (_heldForMemory ??= []).AddLast(waiter);

    /// <summary>It does not wait for that any more; the next may go on.</summary>
    public void LeaveTurnToCollect(LinkedListNode<object> turn)
    {
        turn.List!.Remove(turn);
        _hasCollected.Set();
    }

    /// <summary>Nobody waits before this one; null for one that does not wait yet.</summary>
    public bool IsNextToCollect(LinkedListNode<object>? turn) => _heldForMemory?.First is not { } first || first == turn;

    /// <summary>Completes when one of them is whole, or is no longer to come.</summary>
    public Task WhenCollected() => _hasCollected.Next();

    /// <summary>Bytes are on their way to the disk because of what its clients publish.</summary>
    /// <param name="bytes">So many more.</param>
    /// <param name="position">They are there when the journal is on the disk up to here.</param>
    /// <param name="durable">Where it is now.</param>
    public void AddPending(long bytes, long position, long durable) => _onTheWay.Add(bytes, position, durable);

    /// <summary>Some of what its clients have sent waits for the disk, or is on its way there.</summary>
    /// <param name="gate">Knows how far the disk is.</param>
    public bool HasForDisk(DurableGate gate) => WaitForDisk > 0 || _onTheWay.At(gate.Durable) > 0;

    /// <summary>Has completed when a packet of a connection may be written; otherwise completes when it may be asked again.</summary>
    /// <param name="gate">Knows how far the disk is.</param>
    /// <param name="bytes">Of the packet that go to the disk.</param>
    /// <param name="turn">Of the connection, while it waits for its turn or has it; null for none.</param>
    public Task WhenMayWrite(DurableGate gate, int bytes, ref DiskTurn? turn)
    {
        if (turn is { IsGranted: false })
            return turn.Granted;
        if (turn is not null && gate.Line.TryUse(turn, bytes))
            return Task.CompletedTask;
        LeaveLine(gate, ref turn);
        if (gate.Disk is not { } disk)
            return Task.CompletedTask;
        if (IsLittle(_onTheWay.Bytes + bytes, disk))
            return Task.CompletedTask;
        long onTheWay = _onTheWay.At(gate.Durable);
        if (onTheWay > PendingBytesMax)
        {
            gate.Wait(this, isFirst: !_isHeld);
            _isHeld = true;
            return _hasLessOnTheWay.Next();
        }

        if (IsLittle(onTheWay + bytes, disk) || gate.Line.TryGo(_disk, bytes))
            return Task.CompletedTask;
        turn = gate.Line.Wait(_disk, bytes);
        return turn.Granted;
    }

    /// <summary>A connection has nothing more written, or does not wait for it any longer.</summary>
    public static void LeaveLine(DurableGate gate, ref DiskTurn? turn)
    {
        if (turn is null)
            return;
        gate.Line.End(turn);
        turn = null;
    }

    // A slow disk has little waiting, and many owners with little must not be much.
    private bool IsLittle(long bytes, IDisk disk) =>
        bytes <= PendingBytesMax / LittleShare && (bytes <= LittleBytes || bytes <= disk.WaitingBytesMax / LittleShare);

    bool IHeld.Release(long durable)
    {
        if (_onTheWay.At(durable) > PendingBytesMax)
            return false;
        _isHeld = false;
        _hasLessOnTheWay.Set();
        return true;
    }

    /// <summary>Nothing is its own any more, and no connection or Session names it.</summary>
    /// <param name="nowUs">Microseconds of the turn's clock. Who owes for its time is not forgotten before that is paid.</param>
    public bool IsIdle(long nowUs) => _references == 0 && OwesMs(nowUs) == 0 && Array.TrueForAll(accounts, static account => account.Used == 0);

    /// <summary>A connection, Session, device or message names it from now on.</summary>
    public void AddReference() => _references++;

    public void RemoveReference() => _references--;

    /// <summary>It has had so much of the time of the turn.</summary>
    /// <param name="nowUs">Microseconds of the turn's clock.</param>
    /// <param name="spentUs">Microseconds.</param>
    /// <param name="isScarce">Others want the time, too: what it has beyond its share is paid back. Where they do not, it owes nothing for it.</param>
    /// <returns>Milliseconds that it has to wait for, so that it has no more than its share of the time; 0 for none.</returns>
    public int Spend(long nowUs, long spentUs, bool isScarce)
    {
        _freeAtUs = Math.Max(_freeAtUs, nowUs) + (spentUs * Percent / sharePercent);
        if (!isScarce)
            _freeAtUs = Math.Min(_freeAtUs, nowUs + TurnTime.BurstUs);
        return OwesMs(nowUs);
    }

    /// <inheritdoc/>
    public int Pay(long nowUs, long spentUs) => HasAllTime ? 0 : spentUs == 0 ? OwesMs(nowUs) : Spend(nowUs, spentUs, time.Spend(nowUs, spentUs));

    /// <summary>The same payer for what is not to wait until that is paid: it is charged all the same.</summary>
    public IPayer Unasked => field ??= new Charged(this);

    private sealed class Charged(Owner owner) : IPayer
    {
        public int Pay(long nowUs, long spentUs)
        {
            _ = spentUs == 0 ? 0 : owner.Pay(nowUs, spentUs);
            return 0;
        }
    }

    /// <summary>Connections of it that are not read until that is paid.</summary>
    public int WaitingForTime { get; set; }

    /// <summary>Milliseconds that it has to wait for, so that it has no more than its share of the time; 0 for none.</summary>
    /// <param name="nowUs">Microseconds of the turn's clock.</param>
    public int OwesMs(long nowUs) => (int)Math.Clamp((_freeAtUs - nowUs - TurnTime.BurstUs) / 1000, 0, int.MaxValue);
}
