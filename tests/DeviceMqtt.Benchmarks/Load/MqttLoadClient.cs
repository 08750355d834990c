using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// A connected MQTT client in the loop: receives into the shared buffer and hands whole packets to the kind of client it is. The part of a
/// packet at the end of one read waits here and stands before the next read.
/// </summary>
internal abstract unsafe class MqttLoadClient : LoadSocket, IDisposable
{
    // The packets of a load have a hundred bytes; what nats-server shows of its own to `#` has a few thousand.
    private const int PartialBytesMax = 16 * 1024;

    private byte* _partial; // made when there is a part, which a client that comes and goes never has
    private int _partialBytes;

    protected MqttLoadClient(LoadLoop loop, int fd)
        : base(loop, fd)
    {
    }

    public override void OnReadable()
    {
        byte* start = Loop.ReceiveBuffer;
        NativeMemory.Copy(_partial, start, (nuint)_partialBytes);
        int count = Receive(start + _partialBytes, LoadLoop.BufferBytes - _partialBytes);
        if (count <= 0)
            return;
        byte* end = start + _partialBytes + count;
        byte* rest = Consume(start, end);
        if (Fd < 0)
            return; // it left, and has nothing to keep a packet's part for
        _partialBytes = (int)(end - rest);
        if (_partialBytes > PartialBytesMax)
        {
            Close("the broker sent a packet that no client here asked for");
            return;
        }
        if (_partialBytes == 0)
            return;
        if (_partial == null)
            _partial = (byte*)NativeMemory.Alloc(PartialBytesMax);
        NativeMemory.Copy(rest, _partial, (nuint)_partialBytes);
    }

    /// <summary>A client that has gone may be disposed of before the loop is; the loop does it again.</summary>
    public virtual void Dispose()
    {
        NativeMemory.Free(_partial);
        _partial = null;
        _partialBytes = 0;
    }

    /// <summary>Handles every whole packet and returns where the first incomplete one starts.</summary>
    protected abstract byte* Consume(byte* start, byte* end);

    /// <summary>The packet's end, or null while it is incomplete. <paramref name="body"/> is what follows the fixed header.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    protected static byte* FindEnd(byte* packet, byte* end, out byte* body)
    {
        body = packet + 2;
        if (body > end)
            return null;
        int length = packet[1];
        for (int shift = 7; (body[-1] & 0x80) != 0; shift += 7)
        {
            if (body + 1 > end)
                return null;
            length = (length & ~(1 << shift)) | (*body++ << shift);
        }
        byte* packetEnd = body + length;
        return packetEnd <= end ? packetEnd : null;
    }

    /// <summary>Writes the PUBACK for a PUBLISH of QoS 1 and returns where the next one goes.</summary>
    protected static byte* WritePubAck(byte* ack, byte* publishBody)
    {
        byte* packetId = publishBody + 2 + ((publishBody[0] << 8) | publishBody[1]);
        ack[0] = MqttBytes.PubAck;
        ack[1] = 2;
        ack[2] = packetId[0];
        ack[3] = packetId[1];
        return ack + 4;
    }
}
