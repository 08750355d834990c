namespace DeviceMqtt.Benchmarks.Load;

/// <summary>A client that sends the packets of its ring over and over.</summary>
internal abstract unsafe class Publisher : MqttLoadClient
{
    protected Publisher(LoadLoop loop, int fd, PublishRing ring)
        : base(loop, fd)
    {
        Ring = ring;
    }

    /// <summary>Messages handed to TCP, the last one perhaps in part.</summary>
    public long Published => (SentBytes + Ring.PacketBytes - 1) / Ring.PacketBytes;

    protected PublishRing Ring { get; }

    protected long SentBytes { get; private set; }

    protected bool IsStopped { get; private set; }

    /// <summary>Begins nothing new; a packet sent in part is still completed.</summary>
    public void Stop()
    {
        IsStopped = true;
        OnWritable();
    }

    public override void Dispose()
    {
        base.Dispose();
        Ring.Dispose();
    }

    /// <summary>Bytes that complete the packet that was sent in part.</summary>
    protected int UnfinishedBytes => (int)((Published * Ring.PacketBytes) - SentBytes);

    /// <summary>Sends up to <paramref name="bytes"/> of the stream; false when TCP takes no more.</summary>
    protected bool SendStream(int bytes)
    {
        int count = Send(Ring.At(SentBytes), bytes);
        if (count > 0)
            SentBytes += count;
        return count == bytes;
    }
}
