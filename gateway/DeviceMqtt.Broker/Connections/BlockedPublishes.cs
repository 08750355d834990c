namespace DeviceMqtt.Broker.Connections;

/// <summary>What one 3.x client has published since the journal was full: whole packets, in its order. Owned by the turn.</summary>
internal sealed class BlockedPublishes
{
    private const int BytesEach = 64; // of the array and its place in the queue
    private readonly Queue<byte[]> _packets = new();

    /// <summary>Has it looked at again from time to time.</summary>
    public required ITimer Timer { get; init; }

    /// <summary>What they take in memory.</summary>
    public int Bytes { get; private set; }

    public int Count => _packets.Count;

    /// <summary>More came than may wait: what follows is not taken any more, and the client has to bring it again.</summary>
    public bool IsOverfull { get; set; }

    /// <summary>The pause is over.</summary>
    public bool IsDue { get; set; }

    public static int BytesOf(long packetBytes) => (int)packetBytes + BytesEach;

    public void Add(byte[] packet)
    {
        _packets.Enqueue(packet);
        Bytes += BytesOf(packet.Length);
    }

    public byte[] Peek() => _packets.Peek();

    public byte[] Take()
    {
        byte[] packet = _packets.Dequeue();
        Bytes -= BytesOf(packet.Length);
        return packet;
    }
}
