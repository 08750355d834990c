namespace DeviceMqtt.Benchmarks.Load;

/// <summary>One connection of a <see cref="Board"/>: persistent Session, Will, QoS 1, one write for each packet.</summary>
internal sealed unsafe class BoardConnection : MqttLoadClient
{
    private readonly Board _board;
    private readonly byte[] _connect;
    private bool _hasConnected;

    private BoardConnection(LoadLoop loop, int fd, Board board, byte[] connect)
        : base(loop, fd)
    {
        _board = board;
        _connect = connect;
    }

    public static BoardConnection Begin(LoadLoop loop, int port, Board board, byte[] connect)
    {
        var connection = new BoardConnection(loop, LoopbackSocket.BeginConnect(port), board, connect);
        connection.Start(Libc.EpollOut);
        return connection;
    }

    public bool IsOnline { get; private set; }

    public override void OnWritable()
    {
        if (_hasConnected)
            return;
        _hasConnected = true;
        Want(Libc.EpollIn);
        Write(_connect);
    }

    /// <summary>A packet of a few hundred bytes, which fits the send buffer unless the broker has not read for long.</summary>
    public void Write(byte[] packet)
    {
        fixed (byte* bytes = packet)
        {
            if (Send(bytes, packet.Length) != packet.Length)
                Close("the broker does not read a board's packets");
        }
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if (*packet == MqttBytes.ConnAck)
            {
                if (body[1] != 0)
                {
                    Close("CONNECT was refused");
                    return end;
                }
                IsOnline = true;
                _board.CameOnline();
            }
            else if (*packet == MqttBytes.PubAck)
            {
                _board.Acknowledged((body[0] << 8) | body[1]);
            }
            packet = next;
        }
        return packet;
    }
}
