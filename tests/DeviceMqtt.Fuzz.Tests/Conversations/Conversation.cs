using System.Net.Sockets;
using DeviceMqtt.EndToEnd.Tests.Harness;
using DeviceMqtt.Protocol.Tests;

namespace DeviceMqtt.Fuzz.Tests.Conversations;

/// <summary>What one hostile client says on one connection: packets that belong together, some of them damaged, in pieces of any size.</summary>
internal sealed class Conversation
{
    private const int PacketsMax = 12;
    private static readonly byte[][] Connects = [.. SoundPackets.All.Select(static row => Bytes.Of(row.Packet)).Where(static p => p[0] == 0x10)];
    private static readonly byte[][] Others = [.. SoundPackets.All.Select(static row => Bytes.Of(row.Packet)).Where(static p => p[0] != 0x10)];

    private readonly List<byte[]> _pieces = [];
    private readonly bool _reads;
    private readonly bool _lingers;

    /// <summary>The same for the same state of the mutator.</summary>
    public Conversation(Mutator mutator)
    {
        List<byte> all = [];
        byte[] connect = mutator.Pick(Connects);
        all.AddRange(mutator.Next(5) == 0 ? mutator.Mutate(connect, mutator.Pick(Others)) : connect);
        for (int packets = mutator.Next(PacketsMax); packets > 0; packets--)
        {
            byte[] packet = mutator.Pick(Others);
            all.AddRange(mutator.Next(3) == 0 ? mutator.Mutate(packet, mutator.Pick(Others)) : packet);
            if (mutator.Next(8) == 0)
                all.AddRange(mutator.RandomBytes(64));
        }

        for (int at = 0; at < all.Count;)
        {
            int length = Math.Min(1 + mutator.Next(mutator.Next(2) == 0 ? 8 : 400), all.Count - at);
            _pieces.Add([.. all.Skip(at).Take(length)]);
            at += length;
        }

        _reads = mutator.Next(4) > 0;
        _lingers = mutator.Next(4) == 0;
    }

    /// <summary>Says it.</summary>
    /// <returns>The connection, where the client stays; null where it has gone.</returns>
    public async Task<Socket?> SayAsync(int port)
    {
        Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(BrokerUnderTest.Host, port);
            byte[] answer = new byte[4096];
            foreach (byte[] piece in _pieces)
            {
                _ = await socket.SendAsync(piece);
                while (_reads && socket.Available > 0)
                    _ = await socket.ReceiveAsync(answer);
            }
        }
        catch (SocketException)
        {
            // The gateway has sent it away, which is its right.
            socket.Dispose();
            return null;
        }

        if (_lingers)
            return socket;
        socket.Dispose();
        return null;
    }

    public override string ToString() => string.Join(" | ", _pieces.Select(static piece => Convert.ToHexString(piece)));
}
