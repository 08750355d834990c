using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace DeviceMqtt.BoardLoad;

/// <summary>A board that publishes a reading at QoS 1 at a steady pace, the next when the last one is acknowledged.</summary>
internal sealed class Board : IDisposable
{
    public static readonly long PaceTicks = Stopwatch.Frequency / 20;
    private static readonly byte[] Accepted = [0x20, 2, 0, 0];
    private const byte PubAck = 0x40;
    private const int PacketIdMax = 60_000;
    private readonly byte[] _answer = new byte[4];
    private readonly string _name;
    private int _answered; // bytes of the acknowledgement
    private int _number;
    private int _left;
    private int _count;
    private long _beganAt;
    private long _endedAt;
    private long _sentAt;

    public Board(int port, string name, string user)
    {
        _name = name;
        Socket.Connect("127.0.0.1", port);
        Send([0x10, .. Body([.. Text("MQTT"), 4, 0xC2, 0, 0, .. Text(name), .. Text(user), .. Text(user)])]);
        for (int read = 0; read < _answer.Length;)
            read += Receive(read);
        if (!_answer.AsSpan().SequenceEqual(Accepted))
            throw new InvalidDataException($"the CONNACK of {name} is {Convert.ToHexString(_answer)}");
    }

    public Socket Socket { get; } = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };

    /// <summary>Timestamp of its next reading; <see cref="long.MaxValue"/> while it waits for an acknowledgement, and when it has sent all.</summary>
    public long DueAt { get; private set; } = long.MaxValue;

    public bool IsDone => _left == 0;

    /// <summary>Milliseconds from each PUBLISH to its PUBACK.</summary>
    public List<double> LatenciesMs { get; } = [];

    /// <summary>Of what it would have sent with nobody else there: 1 is all.</summary>
    public double Rate => (double)_count * PaceTicks / (_endedAt - _beganAt);

    /// <summary>Begins to publish so many readings, the first after one pace.</summary>
    public void Begin(int count, long at)
    {
        LatenciesMs.Clear();
        _left = _count = count;
        _beganAt = at;
        DueAt = at + PaceTicks;
    }

    public void Publish()
    {
        _number++;
        int packetId = (_number % PacketIdMax) + 1;
        byte[] packet = [0x32, .. Body([.. Text($"home/{_name}/tele"), (byte)(packetId >> 8), (byte)packetId, .. Encoding.UTF8.GetBytes($"{_name}-{_number}")])];
        DueAt = long.MaxValue;
        _sentAt = Stopwatch.GetTimestamp();
        Send(packet);
    }

    /// <summary>Something has arrived.</summary>
    public void Read()
    {
        _answered += Receive(_answered);
        if (_answered < _answer.Length)
            return;
        _answered = 0;
        if (_answer[0] != PubAck)
            throw new InvalidDataException($"the answer to PUBLISH {_number} of {_name} is {Convert.ToHexString(_answer)}");
        _endedAt = Stopwatch.GetTimestamp();
        LatenciesMs.Add(Stopwatch.GetElapsedTime(_sentAt, _endedAt).TotalMilliseconds);
        _left--;
        if (_left == 0)
            return;
        // As a timer: one reading that is late goes at once, those behind it are lost.
        long passed = (_endedAt - _beganAt) / PaceTicks;
        long sent = (_sentAt - _beganAt) / PaceTicks;
        DueAt = _beganAt + (Math.Max(passed, sent + 1) * PaceTicks);
    }

    public void Dispose() => Socket.Dispose();

    private void Send(byte[] bytes)
    {
        // A reading is smaller than any send buffer.
        if (Socket.Send(bytes) != bytes.Length)
            throw new IOException($"{_name} could not send");
    }

    private int Receive(int offset)
    {
        int read = Socket.Receive(_answer.AsSpan(offset));
        return read > 0 ? read : throw new IOException($"the gateway has closed {_name} after {_number} readings");
    }

    private static byte[] Text(string text) => [0, (byte)text.Length, .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Body(byte[] body) => [(byte)body.Length, .. body]; // below 128 bytes
}
