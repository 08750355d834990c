using System.Text;

namespace DeviceMqtt.Device.Tests.Properties;

/// <summary>The ring of bytes, held against a list.</summary>
[TestClass]
public sealed class OutboxModelTests
{
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Outbox_UnderRandomUse_KeepsWhatAListWouldKeep(int seed)
    {
        const int Bytes = 512;
        Random random = new(seed);
        FakeLog log = new();
        DeviceOptions options = new() { ClientId = "a", DeviceName = "a" };
        FakeClientFactory clients = new() { Preparing = static client => client.AcknowledgesAtOnce = false };
        MqttLink link = new(clients, new FakeBackground(), options, log);
        Outbox outbox = new(Bytes, 32, marksLate: false, log);
        link.Tick(0);
        link.Tick(1);
        List<string> model = [];
        int sent = 0;
        long nowMs = 1;
        for (int step = 0; step < 20_000; step++)
        {
            nowMs += 200;
            string text = new((char)('a' + (step % 26)), 1 + random.Next(random.Next(20) == 0 ? 500 : 60));
            string message = $"seed {seed}, step {step}";
            switch (random.Next(3))
            {
                case 0:
                    Assert.IsTrue(outbox.TryAdd("t", Encoding.UTF8.GetBytes(text), text.Length, isOffline: false), message);
                    model.Add(text);
                    // The ring may drop more than a list of the same size, since a payload does not wrap: ask how many it has left.
                    int dropped = model.Count - outbox.Count;
                    Assert.IsGreaterThanOrEqualTo(0, dropped, message);
                    Assert.IsTrue(dropped == 0 || model.Sum(m => m.Length) > Bytes / 2 || model.Count > 32, message);
                    model.RemoveRange(0, dropped);
                    break;
                case 1:
                    outbox.Flush(link, nowMs);
                    break;
                default:
                    if (sent < clients.Last.Published.Count)
                    {
                        SettleNext(outbox, clients.Last, model, ref sent, nowMs, message);
                    }

                    break;
            }

            Assert.IsLessThanOrEqualTo(32, outbox.Count, message);
            Assert.AreEqual(model.Count, outbox.Count, message);
        }

        Assert.IsGreaterThan(2_000, sent);
        Assert.IsGreaterThan(100, outbox.Dropped);
    }

    private static void SettleNext(Outbox outbox, FakeMqttClient client, List<string> model, ref int sent, long nowMs, string message)
    {
        FakeMessage next = client[sent];
        sent++;
        if (outbox.TrySettle(next.PacketId, isAcknowledged: true, nowMs))
        {
            // Sent in the order of adding, and byte for byte what was added.
            Assert.AreEqual(model[0], next.Payload, message);
            model.RemoveAt(0);
        }
        else
        {
            Assert.IsTrue(outbox.TrySettleDropped(nowMs), message);
        }
    }
}
