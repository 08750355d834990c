using System.Text;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>The ring of bytes, held against a list.</summary>
[TestClass]
public sealed class OutboxModelTests
{
    private const int Bytes = 512;
    private const int MessagesMax = 32;

    // What the ring holds, in order, and how many of those were handed over since the last forgetting.
    private readonly List<string> _model = [];
    private int _handedOver;

    // Messages of the client that were settled, or that nobody will settle any more.
    private int _settled;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Outbox_UnderRandomUse_KeepsWhatAListWouldKeep(int seed)
    {
        Random random = new(seed);
        FakeLog log = new();
        FakeClientFactory clients = new() { Preparing = static client => client.AcknowledgesAtOnce = false };
        MqttLink link = new(clients, new FakeBackground(), new DeviceOptions { ClientId = "a", DeviceName = "a" }, log);
        Outbox outbox = new(Bytes, MessagesMax, topicsMax: 3, marksLate: false, log);
        link.Tick(0);
        link.Tick(1);
        long nowMs = 1;
        for (int step = 0; step < 20_000; step++)
        {
            nowMs += 200;
            string message = $"seed {seed}, step {step}";
            switch (random.Next(9))
            {
                case < 4:
                    Add(outbox, new string((char)('a' + (step % 26)), 1 + random.Next(random.Next(20) == 0 ? 500 : 60)), message);
                    break;
                case < 6:
                    Flush(outbox, link, clients.Last, nowMs, message);
                    break;
                case < 8:
                    Settle(outbox, clients.Last, nowMs, message);
                    break;
                default:
                    outbox.ForgetInFlight();
                    _handedOver = 0;
                    _settled = clients.Last.Published.Count;
                    break;
            }

            Assert.IsLessThanOrEqualTo(MessagesMax, outbox.Count, message);
            Assert.AreEqual(_model.Count, outbox.Count, message);
        }

        Assert.IsGreaterThan(1_000, clients.Last.Published.Count);
        Assert.IsGreaterThan(100, outbox.Dropped);
    }

    private void Add(Outbox outbox, string text, string message)
    {
        Assert.IsTrue(outbox.TryAdd("t", Encoding.UTF8.GetBytes(text), 0, text.Length, isOffline: false), message);
        _model.Add(text);
        // The ring may drop more than a list of the same size, since a payload does not wrap: ask how many it has left.
        int dropped = _model.Count - outbox.Count;
        Assert.IsGreaterThanOrEqualTo(0, dropped, message);
        Assert.IsTrue(dropped == 0 || _model.Sum(m => m.Length) > Bytes / 2 || _model.Count > MessagesMax, message);
        _model.RemoveRange(0, dropped);
        _handedOver = Math.Max(0, _handedOver - dropped);
    }

    private void Flush(Outbox outbox, MqttLink link, FakeMqttClient client, long nowMs, string message)
    {
        int before = client.Published.Count;
        outbox.Flush(link, nowMs);
        for (int i = before; i < client.Published.Count; i++)
        {
            // In the order of adding, and byte for byte what was added.
            Assert.AreEqual(_model[_handedOver], client[i].Payload, message);
            _handedOver++;
        }
    }

    private void Settle(Outbox outbox, FakeMqttClient client, long nowMs, string message)
    {
        if (_settled == client.Published.Count)
        {
            return;
        }

        FakeMessage next = client[_settled];
        _settled++;
        if (outbox.TrySettle(next.PacketId, isAcknowledged: true, nowMs))
        {
            Assert.AreEqual(_model[0], next.Payload, message);
            _model.RemoveAt(0);
            _handedOver--;
        }
        else
        {
            Assert.IsTrue(outbox.TrySettleDropped(nowMs), message);
        }
    }
}
