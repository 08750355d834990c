using System.Runtime.CompilerServices;

namespace DeviceMqtt.Broker.Flows;

/// <summary>
/// QoS 1 and 2 messages sent to one client and not yet acknowledged, in the order they were sent.
/// <list type="bullet">
/// <item>Packet Identifiers are given out in sequence, 1 to 65,535, and never twice while in flight [MQTT-2.3.1-4].</item>
/// <item>Entries live in a ring at their identifier's place, so an acknowledgement costs no search.</item>
/// <item>From the oldest to the newest in flight are at most <see cref="SpanMax"/> identifiers.</item>
/// </list>
/// </summary>
internal sealed class OutboundWindow
{
    /// <summary>A client that acknowledges out of order leaves gaps; beyond this it waits for the oldest.</summary>
    public const int SpanMax = 32_768;

    private const int SmallestRing = 8;
    private Inflight[] _ring = [];
    private ushort _oldest = 1;
    private ushort _next = 1;
    private int _span;

    /// <summary>Messages in flight.</summary>
    public int Count { get; private set; }

    /// <summary>What the ring takes in memory.</summary>
    public long Bytes => (long)_ring.Length * Unsafe.SizeOf<Inflight>();

    /// <summary>The Packet Identifier that is in flight for longest; the next one when none is.</summary>
    public ushort Oldest => _oldest;

    /// <summary>The Packet Identifier of the next message.</summary>
    public ushort Next => _next;

    /// <summary>Whether <see cref="TryAdd"/> would succeed.</summary>
    public bool HasRoom(int windowMax) => Count < windowMax && _span < SpanMax;

    /// <summary>Takes the next Packet Identifier for a message.</summary>
    /// <returns>False when <paramref name="windowMax"/> messages are in flight already, or the oldest is too far behind.</returns>
    public bool TryAdd(in Inflight inflight, int windowMax, out ushort packetId)
    {
        packetId = _next;
        if (!HasRoom(windowMax))
            return false;
        if (_span + 1 >= _ring.Length)
            Grow();
        _ring[_next & (_ring.Length - 1)] = inflight;
        _next = After(_next);
        Count++;
        _span++;
        // The identifier that is skipped at the wrap still takes its place in the ring.
        if (_next == 1)
            _span++;
        return true;
    }

    /// <summary>Puts back what was in flight before a restart, in the order it was sent.</summary>
    /// <returns>False when the identifier is too far from the others, or taken.</returns>
    public bool TryRestore(ushort packetId, in Inflight inflight)
    {
        if (_span == 0)
            _oldest = _next = packetId;
        int ahead = (ushort)(packetId - _next);
        if (packetId == 0 || _span + ahead >= SpanMax)
            return false;
        while (_span + ahead + 1 >= _ring.Length)
            Grow();
        _span += ahead;
        _next = packetId;
        return TryAdd(inflight, SpanMax, out _);
    }

    /// <summary>Puts back what was removed just before, under its Packet Identifier: between those that were sent before and after it.</summary>
    /// <returns>False when the identifier is in flight again, or out of the window's reach.</returns>
    public bool TryPutBack(ushort packetId, in Inflight inflight)
    {
        if (_span == 0)
            return TryRestore(packetId, inflight);
        int behind = (ushort)(_oldest - packetId);
        if ((ushort)(packetId - _oldest) >= _span)
        {
            if (_span + behind >= SpanMax)
                return false;
            while (_span + behind + 1 >= _ring.Length)
                Grow();
            _oldest = packetId;
            _span += behind;
        }

        ref Inflight place = ref _ring[packetId & (_ring.Length - 1)];
        if (place.State != InflightState.Free)
            return false;
        place = inflight;
        Count++;
        return true;
    }

    /// <summary>The entry of a Packet Identifier, while it is in flight.</summary>
    public ref Inflight Find(ushort packetId)
    {
        if (packetId == 0 || (ushort)(packetId - _oldest) >= _span)
            return ref Unsafe.NullRef<Inflight>();
        ref Inflight entry = ref _ring[packetId & (_ring.Length - 1)];
        if (entry.State == InflightState.Free)
            return ref Unsafe.NullRef<Inflight>();
        return ref entry;
    }

    /// <summary>The flow of a Packet Identifier is complete.</summary>
    public void Remove(ushort packetId)
    {
        _ring[packetId & (_ring.Length - 1)] = default;
        Count--;
        if (Count == 0)
        {
            _oldest = _next;
            _span = 0;
            return;
        }

        while (_ring[_oldest & (_ring.Length - 1)].State == InflightState.Free)
        {
            _oldest = (ushort)(_oldest + 1);
            _span--;
        }
    }

    /// <summary>Packet Identifiers in flight, oldest first.</summary>
    public IEnumerable<ushort> InOrder()
    {
        ushort id = _oldest;
        for (int i = _span; i > 0; i--, id = (ushort)(id + 1))
            if (_ring[id & (_ring.Length - 1)].State != InflightState.Free)
                yield return id;
    }

    private static ushort After(ushort packetId) => packetId == ushort.MaxValue ? (ushort)1 : (ushort)(packetId + 1);

    private void Grow()
    {
        Inflight[] larger = new Inflight[Math.Max(SmallestRing, _ring.Length * 2)];
        ushort id = _oldest;
        for (int i = _span; i > 0; i--, id = (ushort)(id + 1))
            larger[id & (larger.Length - 1)] = _ring[id & (_ring.Length - 1)];
        _ring = larger;
    }
}
