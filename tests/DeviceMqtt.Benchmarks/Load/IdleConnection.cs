namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Connects without waiting, sends its CONNECT when it is connected, and tells when CONNACK came.</summary>
internal sealed unsafe class IdleConnection : MqttLoadClient
{
    private readonly byte[] _connect;
    private readonly Action _accepted;

    private IdleConnection(LoadLoop loop, int fd, byte[] connect, Action accepted)
        : base(loop, fd)
    {
        _connect = connect;
        _accepted = accepted;
    }

    public static IdleConnection Begin(LoadLoop loop, int port, int protocolLevel, string clientId, Action accepted) =>
        Begin(loop, port, MqttBytes.Connect(protocolLevel, clientId, MqttHandshake.KeepAliveSeconds), accepted);

    /// <summary>With a CONNECT of one's own; <paramref name="source"/> as <see cref="LoopbackSocket.BeginConnect"/> has it.</summary>
    public static IdleConnection Begin(LoadLoop loop, int port, byte[] connect, Action accepted, int source = 0)
    {
        var connection = new IdleConnection(loop, LoopbackSocket.BeginConnect(port, source), connect, accepted);
        connection.Start(Libc.EpollOut);
        return connection;
    }

    public override void OnWritable()
    {
        fixed (byte* bytes = _connect)
        {
            if (Send(bytes, _connect.Length) > 0) // fits any send buffer, so it goes out whole
                Want(Libc.EpollIn);
        }
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        if (FindEnd(start, end, out byte* body) == null)
            return start;
        if (*start == MqttBytes.ConnAck && body[1] == 0)
            _accepted();
        else
            Close("CONNECT was refused");
        return end;
    }
}
