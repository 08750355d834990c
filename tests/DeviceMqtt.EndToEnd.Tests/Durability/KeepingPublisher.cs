using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>
/// Publishes numbers as fast as they are acknowledged, a few at a time, and keeps what the specification demands over
/// broken connections: what is not acknowledged is sent again, under its Packet Identifier, in its order.
/// </summary>
internal sealed class KeepingPublisher(BrokerUnderTest broker, string clientId, string topic, int qos)
{
    private const int WindowMax = 20;

    // In flight: number by Packet Identifier, in the order they were sent; released ones owe PUBREL only.
    private readonly List<(int PacketId, int Number, bool IsReleased)> _open = [];
    private int _next = 1;

    public bool IsRetained { get; init; }

    /// <summary>Bytes of a payload: the number, and blanks behind it.</summary>
    public int PayloadBytes { get; init; }

    /// <summary>Numbers whose flow is complete: promised by the gateway.</summary>
    public List<int> Acknowledged { get; } = [];

    /// <summary>Called after each acknowledgement.</summary>
    public Action? Progress { get; set; }

    /// <summary>Publishes until the connection breaks, or so many more are acknowledged.</summary>
    public async Task Run(int countMax = int.MaxValue)
    {
        try
        {
            await using RawMqtt connection = await RawMqtt.Open(broker);
            await connection.Send(RawBytes.Connect(clientId, clean: false));
            _ = await connection.Next(RawType.ConnAck);
            foreach ((int packetId, int number, bool isReleased) in _open)
                await connection.Send(isReleased ? RawBytes.PubRel(packetId) : RawBytes.Publish(topic, PayloadOf(number), qos, packetId, IsRetained, dup: true));
            int until = countMax == int.MaxValue ? int.MaxValue : Acknowledged.Count + countMax;
            while (Acknowledged.Count + _open.Count < until || _open.Count > 0)
            {
                while (_open.Count < WindowMax && Acknowledged.Count + _open.Count < until)
                    await PublishNext(connection);
                await Answer(connection, await connection.Next());
            }
        }
        catch (Exception broken) when (broken is IOException or System.Net.Sockets.SocketException or AssertFailedException)
        {
            // The gateway was killed. What was not acknowledged is still open.
        }
    }

    /// <summary>Everything acknowledged arrives at a subscriber, as <see cref="AssertDelivered"/> has it.</summary>
    /// <returns>The numbers, in the order they came.</returns>
    public async Task<IReadOnlyList<int>> AssertArrives(MosquittoSub subscriber, bool mayRepeat, TimeSpan? patience = null)
    {
        int last = Acknowledged.Max();
        _ = await subscriber.Messages.WaitFor(m => m.Topic == topic && NumberOf(m) == last, $"message {last} of {topic}", patience: patience);
        int[] received = [.. subscriber.Messages.Items.Where(m => m.Topic == topic).Select(NumberOf)];
        AssertDelivered(received, mayRepeat);
        return received;
    }

    /// <summary>What somebody received of it: first arrivals are in order and without a gap up to what was acknowledged; what comes again was sent again.</summary>
    public void AssertDelivered(IReadOnlyList<int> received, bool mayRepeat)
    {
        List<int> firsts = [.. received.Distinct()];
        int[] lost = [.. Acknowledged.Except(firsts)];
        Assert.IsEmpty(lost, $"{topic}: {Acknowledged.Count} acknowledged, lost are {string.Join(' ', lost.Take(10))}");
        CollectionAssert.AreEqual(firsts.Order().ToList(), firsts, $"{topic}: the order has changed");
        if (!mayRepeat)
            Assert.HasCount(firsts.Count, received, $"{topic}: twice came {string.Join(' ', received.GroupBy(n => n).Where(g => g.Count() > 1).Select(g => g.Key).Take(10))}");
    }

    private static int NumberOf(ReceivedMessage message) => int.Parse(message.Text, CultureInfo.InvariantCulture);

    private string PayloadOf(int number) => $"{number}".PadRight(PayloadBytes);

    private async Task PublishNext(RawMqtt connection)
    {
        int packetId = _next % 60_000 + 1;
        _open.Add((packetId, _next, false));
        await connection.Send(RawBytes.Publish(topic, PayloadOf(_next++), qos, packetId, IsRetained));
    }

    private async Task Answer(RawMqtt connection, RawPacket packet)
    {
        int index = _open.FindIndex(o => o.PacketId == packet.PacketId);
        if (index < 0)
            return;
        if (packet.Type == RawType.PubRec)
        {
            _open[index] = _open[index] with { IsReleased = true };
            await connection.Send(RawBytes.PubRel(packet.PacketId));
        }
        else if (packet.Type is RawType.PubAck or RawType.PubComp)
        {
            Acknowledged.Add(_open[index].Number);
            _open.RemoveAt(index);
            Progress?.Invoke();
        }
    }
}
