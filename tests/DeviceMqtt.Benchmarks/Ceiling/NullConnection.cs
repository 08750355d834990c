using System.Runtime.InteropServices;
using System.Text;
using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Ceiling;

/// <summary>One client of the null broker. It reads only while all of its subscribers have room, so nothing is ever dropped.</summary>
internal sealed unsafe class NullConnection : MqttLoadClient
{
    private const int OutputBytesMax = 4 * LoadLoop.BufferBytes;

    private readonly NullBroker _broker;
    private NullConnection[]? _subscribers;
    private byte* _output;
    private int _outputBytes;
    private int _sentBytes;
    private bool _hasAnnounced;
    private bool _isSubscriber;

    public NullConnection(LoadLoop loop, int fd, NullBroker broker)
        : base(loop, fd)
    {
        _broker = broker;
    }

    /// <summary>For everything that one read can bring.</summary>
    public bool HasRoom => Fd < 0 || _outputBytes + LoadLoop.BufferBytes <= OutputBytesMax;

    public override void OnReadable()
    {
        if (CanRead())
        {
            base.OnReadable();
            if (Fd < 0)
                Dispose();
            return;
        }
        Want(0);
        _broker.Waits(this);
    }

    public override void OnWritable() => Flush();

    public bool TryReadAgain()
    {
        if (!CanRead())
            return false;
        Want(Libc.EpollIn);
        return true;
    }

    public void Flush()
    {
        _hasAnnounced = false;
        while (_sentBytes < _outputBytes)
        {
            int count = Send(_output + _sentBytes, _outputBytes - _sentBytes);
            if (count == Gone)
                return;
            if (count == WouldBlock)
            {
                NativeMemory.Copy(_output + _sentBytes, _output, (nuint)(_outputBytes - _sentBytes));
                _outputBytes -= _sentBytes;
                _sentBytes = 0;
                Want(Libc.EpollIn | Libc.EpollOut);
                return;
            }
            _sentBytes += count;
        }
        _outputBytes = _sentBytes = 0;
        Want(Libc.EpollIn);
    }

    public override void Dispose()
    {
        base.Dispose();
        NativeMemory.Free(_output);
        _output = null;
        _outputBytes = _sentBytes = 0;
    }

    protected override byte* Consume(byte* start, byte* end)
    {
        byte* packet = start;
        byte* ack = Loop.AckBuffer;
        byte* run = null;
        while (FindEnd(packet, end, out byte* body) is var next && next != null)
        {
            if ((*packet & 0xF0) == MqttBytes.Publish)
            {
                run = run == null ? packet : run;
                _subscribers ??= _broker.FindSubscribers(new ReadOnlySpan<byte>(body + 2, (body[0] << 8) | body[1]));
                if ((*packet & 0x06) != 0)
                    ack = WritePubAck(ack, body);
            }
            else if (*packet != MqttBytes.PubAck)
            {
                Answer(packet, body, next);
            }
            packet = next;
        }
        if (run != null)
        {
            foreach (NullConnection subscriber in _subscribers!)
                subscriber.Write(run, (int)(packet - run));
        }
        if (ack != Loop.AckBuffer)
            Write(Loop.AckBuffer, (int)(ack - Loop.AckBuffer));
        return packet;
    }

    // A subscriber sends only acknowledgements; not to read them could stall both sides.
    // Before the first message of a publisher is read nobody knows where it goes: then everybody must have room.
    private bool CanRead() => _isSubscriber || (HasRoom && (_subscribers is null
        ? _broker.HasRoomEverywhere()
        : Array.TrueForAll(_subscribers, static subscriber => subscriber.HasRoom)));

    private void Answer(byte* packet, byte* body, byte* end)
    {
        if (*packet >> 4 == 1)
        {
            byte* connAck = stackalloc byte[4] { MqttBytes.ConnAck, 2, 0, 0 };
            Write(connAck, 4);
        }
        else if (*packet >> 4 == 8)
        {
            string filter = Encoding.UTF8.GetString(body + 4, (body[2] << 8) | body[3]);
            _broker.Subscribe(filter, this);
            _isSubscriber = true;
            byte* subAck = stackalloc byte[5] { MqttBytes.SubAck, 3, body[0], body[1], end[-1] };
            Write(subAck, 5);
        }
    }

    private void Write(byte* bytes, int count)
    {
        if (Fd < 0)
            return;
        if (_output == null)
            _output = (byte*)NativeMemory.Alloc(OutputBytesMax);
        NativeMemory.Copy(bytes, _output + _outputBytes, (nuint)count);
        _outputBytes += count;
        if (_hasAnnounced)
            return;
        _hasAnnounced = true;
        _broker.HasOutput(this);
    }
}
