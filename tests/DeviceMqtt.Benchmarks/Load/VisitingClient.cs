namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Connects without waiting, sends what it has to say at once, waits for the answers, says DISCONNECT and leaves.</summary>
internal sealed unsafe class VisitingClient : MqttLoadClient
{
    private readonly byte[] _packets;
    private readonly Action<bool> _left;
    private int _answersMissing;
    private bool _isRefused;

    private VisitingClient(LoadLoop loop, int fd, byte[] packets, int answers, Action<bool> left)
        : base(loop, fd)
    {
        _packets = packets;
        _answersMissing = answers;
        _left = left;
    }

    /// <param name="loop">Where it lives.</param>
    /// <param name="port">The broker's.</param>
    /// <param name="number">Of this visit, so that visits come from different addresses.</param>
    /// <param name="packets">CONNECT and what follows it; a few hundred bytes, which fit any send buffer.</param>
    /// <param name="answers">Packets to wait for.</param>
    /// <param name="left">Called at the end; false when CONNECT was refused or the connection lost.</param>
    public static void Begin(LoadLoop loop, int port, int number, byte[] packets, int answers, Action<bool> left)
    {
        var client = new VisitingClient(loop, LoopbackSocket.BeginConnect(port, number, isAtOnce: false), packets, answers, left);
        // On the loopback interface the connection is there when the call returns, as long as the listener has room.
        bool isSent = client.SendPackets();
        if (client.Fd < 0)
            client.End(isWelcome: false);
        else
            client.Start(isSent ? Libc.EpollIn : Libc.EpollOut);
    }

    public override void OnReadable()
    {
        base.OnReadable();
        if (Fd < 0 && _answersMissing > 0)
            End(isWelcome: false);
    }

    public override void OnWritable()
    {
        if (SendPackets())
            Want(Libc.EpollIn);
        if (Fd < 0)
            End(isWelcome: false);
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        while (_answersMissing > 0 && FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            _isRefused |= *packet == MqttBytes.ConnAck && body[1] != 0;
            _answersMissing = _isRefused ? 0 : _answersMissing - 1;
            packet = next;
        }
        if (_answersMissing > 0)
            return packet;
        fixed (byte* disconnect = MqttBytes.Disconnect)
            _ = Send(disconnect, MqttBytes.Disconnect.Length, Libc.MessageMore); // goes with the FIN
        Leave();
        End(!_isRefused);
        return end;
    }

    private bool SendPackets()
    {
        fixed (byte* bytes = _packets)
            return Send(bytes, _packets.Length) > 0;
    }

    private void End(bool isWelcome)
    {
        _answersMissing = 0;
        Dispose();
        _left(isWelcome);
    }
}
