using System.Diagnostics;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Opens a connection and waits for its CONNACK and SUBACK, before the socket joins a <see cref="LoadLoop"/>.</summary>
internal static unsafe class MqttHandshake
{
    private const int ReplyTimeoutMs = 10_000;

    /// <summary>Keep alive longer than any row, so that no PINGREQ is due.</summary>
    public const ushort KeepAliveSeconds = 600;

    /// <returns>The connected socket.</returns>
    /// <exception cref="IOException">The broker refused, closed, or did not answer within 10 s.</exception>
    public static int Open(int port, int protocolLevel, string clientId, bool clean = true)
    {
        int fd = LoopbackSocket.TryConnect(port);
        if (fd < 0)
            throw new IOException($"nobody listens on port {port}");
        Send(fd, MqttBytes.Connect(protocolLevel, clientId, KeepAliveSeconds, clean));
        byte[] reply = ReadPacket(fd);
        if (reply[0] != MqttBytes.ConnAck || reply[3] != 0)
            throw new IOException($"CONNECT of {clientId} was answered with {reply[0]:x2} and code {reply[3]:x2}");
        return fd;
    }

    public static void Subscribe(int fd, int protocolLevel, string filter, int qos) => Subscribe(fd, protocolLevel, [filter], qos);

    public static void Subscribe(int fd, int protocolLevel, IReadOnlyCollection<string> filters, int qos)
    {
        Send(fd, MqttBytes.Subscribe(protocolLevel, filters, qos));
        byte[] reply;
        do
        {
            reply = ReadPacket(fd);
        }
        while ((reply[0] & 0xF0) == MqttBytes.Publish); // may come before the SUBACK; nats-server shows its own traffic to `#`
        if (reply[0] != MqttBytes.SubAck || reply[^filters.Count..].Any(code => code != qos))
            throw new IOException($"SUBSCRIBE to {filters.First()} at QoS {qos} was answered with {Convert.ToHexString(reply)}");
    }

    public static void Send(int fd, ReadOnlySpan<byte> packet)
    {
        fixed (byte* bytes = packet)
        {
            if (Libc.Send(fd, bytes, packet.Length, Libc.MessageNoSignal) != packet.Length)
                throw new IOException("the broker closed the connection");
        }
    }

    /// <summary>Reads exactly one packet, so that what stands behind it is left for the loop.</summary>
    private static byte[] ReadPacket(int fd)
    {
        long deadline = Stopwatch.GetTimestamp() + (ReplyTimeoutMs * Stopwatch.Frequency / 1000);
        var packet = new List<byte> { ReadByte(fd, deadline) };
        int length = 0;
        for (int shift = 0; shift == 0 || (packet[^1] & 0x80) != 0; shift += 7)
        {
            packet.Add(ReadByte(fd, deadline));
            length |= (packet[^1] & 0x7F) << shift;
        }
        for (int i = 0; i < length; i++)
            packet.Add(ReadByte(fd, deadline));
        return [.. packet];
    }

    private static byte ReadByte(int fd, long deadline)
    {
        var entry = new Libc.PollEntry { Fd = fd, Wanted = Libc.PollIn };
        int leftMs = (int)((deadline - Stopwatch.GetTimestamp()) * 1000 / Stopwatch.Frequency);
        if (leftMs <= 0 || Libc.Poll(&entry, 1, leftMs) == 0)
            throw new IOException("the broker did not answer within 10 s");
        byte value;
        if (Libc.Receive(fd, &value, 1, 0) != 1)
            throw new IOException("the broker closed the connection");
        return value;
    }
}
