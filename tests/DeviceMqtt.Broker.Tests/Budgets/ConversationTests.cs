using System.Net;
using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Broker.Tests.Budgets;

/// <summary>Whatever clients say, in whatever order: what the gateway keeps because of them is charged once and given back once.</summary>
[TestClass]
internal sealed class ConversationTests
{
    private const int ClientsMax = 5;
    private static readonly string[] Topics = ["a", "a/b", "dm/p2p/c0", "dm/p2p/c1", "long/" + new string('x', 300)];
    private static readonly string[] Filters = ["#", "a/+", "a", "$share/g/a", "$gw/receipt/c0", "$gw/presence/#", "long/#"];

    private enum What { Connect, Drop, Disconnect, Subscribe, Unsubscribe, Publish, Retain, Unretain, Answer, Unfinished, Time, Other }

    private sealed record Step(What What, int Client, int Number, int Size);

    private static readonly Gen<Step> AnyStep =
        from what in Gen.Frequency(
            (4, Gen.Constant(What.Connect)), (1, Gen.Constant(What.Drop)), (1, Gen.Constant(What.Disconnect)), (4, Gen.Constant(What.Subscribe)), (1, Gen.Constant(What.Unsubscribe)),
            (8, Gen.Constant(What.Publish)), (2, Gen.Constant(What.Retain)), (1, Gen.Constant(What.Unretain)), (3, Gen.Constant(What.Answer)), (1, Gen.Constant(What.Unfinished)),
            (2, Gen.Constant(What.Time)), (1, Gen.Constant(What.Other)))
        from client in Gen.Choose(0, ClientsMax - 1)
        from number in Gen.Choose(0, 1_000)
        from size in Gen.Elements(0, 10, 1_000, 30_000)
        select new Step(what, client, number, size);

    [TestMethod]
    public void Conversation_AtItsEnd_NobodyHasAnythingButTheDevicesThatAreKnown() => Chance.CheckSteps(AnyStep, 80, 150, static steps => RunAsync(steps).GetAwaiter().GetResult());

    private static async Task RunAsync(List<Step> steps)
    {
        await using TestBroker broker = TestBroker.Start(
            static limits =>
            {
                limits.MemoryBytesMax = 16 * 1024 * 1024; // so little that all of it is used up now and then
                limits.SharePercentMax = 20;
                limits.QueueBytesTotalMax = 400_000;
                limits.RetainedMessagesMax = 20;
                limits.KnownDevicesMax = 20;
                limits.SessionExpirySecondsMax = 600;
                limits.MailboxSecondsMax = 600;
            },
            static ground => ground.Access = new NamedUsers());
        Dictionary<int, TestClient> clients = [];
        foreach (Step step in steps)
            await TakeAsync(broker, clients, step);

        foreach (TestClient client in clients.Values)
            await client.Transport.ToGateway.CompleteAsync();
        await EndAllAsync(broker);
        TestClient last = broker.Open();
        await last.SendConnectAsync("", userName: "last");
        foreach (string topic in Topics)
            await last.SendPublishAsync(topic, "", QoS.AtMostOnce, retain: true);
        await last.Transport.ToGateway.CompleteAsync();
        await EndAllAsync(broker);

        long memory = broker.Look(static b => b.Owners.OwnBytes + b.Mailboxes.InOrder().Sum(static device => (long)MemoryCost.Device(device.ClientId)));
        foreach (Good good in Enum.GetValues<Good>())
        {
            long expected = good switch { Good.Memory => memory, Good.Devices => broker.Look(static b => b.Mailboxes.InOrder().Count()), _ => 0 };
            Assert.AreEqual(expected, broker.Look(b => b.Owners[good].Used), $"{good} of all");
            Assert.IsTrue(broker.Look(b => b.Owners.Nobody[good].Used) == 0, $"{good} of nobody");
        }
    }

    // Then their Sessions, Wills and what waits.
    private static async Task EndAllAsync(TestBroker broker)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (broker.Table.Count > 0 && System.Diagnostics.Stopwatch.GetElapsedTime(began) < Patience.Limit)
        {
            broker.Advance(1);
            await Task.Yield();
        }

        Assert.AreEqual(0, broker.Table.Count, "connections that have not ended: " + string.Join(" | ", broker.Log.Lines));
        for (int i = 0; i < 5; i++)
            broker.Advance(601);
    }

    private static async Task TakeAsync(TestBroker broker, Dictionary<int, TestClient> clients, Step step)
    {
        if (step.What == What.Time)
        {
            broker.Advance(step.Number);
            return;
        }

        if (step.What == What.Connect || !clients.TryGetValue(step.Client, out TestClient? client))
        {
            await ConnectAsync(broker, clients, step);
            return;
        }

        try
        {
            await SayAsync(clients, client, step);
        }
        catch (InvalidOperationException) when (client.Transport.IsAborted)
        {
            _ = clients.Remove(step.Client); // the gateway has ended it meanwhile: there is nothing to write to
        }
    }

    private static async Task SayAsync(Dictionary<int, TestClient> clients, TestClient client, Step step)
    {
        string topic = Topics[step.Number % Topics.Length];
        string filter = Filters[step.Number % Filters.Length];
        QoS qos = (QoS)(step.Number % 3);
        switch (step.What)
        {
            case What.Drop:
                await client.Transport.ToGateway.CompleteAsync();
                _ = clients.Remove(step.Client);
                break;
            case What.Disconnect:
                DisconnectPacket bye = new();
                await client.SendAsync(w => bye.Write(w, client.Version));
                await client.Transport.ToGateway.CompleteAsync(); // behind a packet that is not whole it says nothing
                _ = clients.Remove(step.Client);
                break;
            case What.Subscribe:
                SubscribePacket subscribe = new() { PacketId = client.NextPacketId(), Requests = [new SubscriptionRequest(TestClient.Filter(filter), qos, false, false, RetainHandling.SendAtSubscribe)] };
                await client.SendAsync(w => subscribe.Write(w, client.Version));
                break;
            case What.Unsubscribe:
                UnsubscribePacket unsubscribe = new() { PacketId = client.NextPacketId(), Filters = [TestClient.Filter(filter)] };
                await client.SendAsync(w => unsubscribe.Write(w, client.Version));
                break;
            case What.Publish or What.Retain or What.Unretain:
                bool isRetained = step.What != What.Publish;
                string payload = step.What == What.Unretain ? "" : topic.Contains("p2p", StringComparison.Ordinal) ? $$"""{"id":"k{{step.Number}}","cmd":"x"}""" : new string('x', step.Size);
                bool hasAlias = client.Version == ProtocolVersion.V5 && step.Number % 4 == 0;
                _ = await client.SendPublishAsync(topic, payload, qos, isRetained, properties: hasAlias ? w => w.Add(PropertyId.TopicAlias, (uint)(1 + (step.Number % 8))) : null);
                break;
            case What.Answer:
                await AnswerAsync(client, most: step.Number % 30);
                break;
            case What.Unfinished:
                await client.SendAsync([0x30, 0xD0, 0x86, 0x03, .. new byte[step.Size]]);
                break;
            default:
                await client.SendAckAsync((PacketType)(4 + (step.Number % 4)), (ushort)(1 + (step.Number % 5)));
                break;
        }
    }

    private static async Task ConnectAsync(TestBroker broker, Dictionary<int, TestClient> clients, Step step)
    {
        ProtocolVersion version = step.Client % 2 == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5;
        TestClient client = broker.Open(version, new IPEndPoint(IPAddress.Parse($"10.0.{step.Number % 3}.1"), 1), networkBytes: step.Number % 2 == 0 ? 4_000 : 0);
        WillMessage? will = step.Number % 5 < 2 ? new WillMessage { Topic = Topics[step.Number % Topics.Length], Payload = new byte[step.Size], QoS = QoS.AtLeastOnce, Retain = step.Number % 2 == 0, Properties = new WillProperties { DelaySeconds = version == ProtocolVersion.V5 ? 30u : 0 } } : null;
        ConnectProperties? properties = version == ProtocolVersion.V5 ? new ConnectProperties { SessionExpirySeconds = step.Number % 4 == 0 ? 0u : 300u, ReceiveMaximum = (ushort)(1 + (step.Number % 20)) } : null;
        clients.Remove(step.Client, out TestClient? before);
        clients.Add(step.Client, client);
        await client.SendConnectAsync($"c{step.Client}", clean: step.Number % 3 == 0, will: will, properties: properties, userName: step.Number % 7 == 0 ? null : $"u{step.Client % 3}");
        if (before is not null)
            await before.Transport.ToGateway.CompleteAsync(); // where it has not been taken over
    }

    private static async Task AnswerAsync(TestClient client, int most)
    {
        for (int i = 0; i < most && client.TryReceiveNow() is { } packet; i++)
        {
            switch (packet.Type)
            {
                case PacketType.Publish when ReceivedPublish.From(packet, client.Version) is { QoS: not QoS.AtMostOnce } message:
                    await client.SendAckAsync(message.QoS == QoS.AtLeastOnce ? PacketType.PubAck : PacketType.PubRec, message.PacketId, client.Version == ProtocolVersion.V5 && i % 5 == 4 ? ReasonCode.QuotaExceeded : ReasonCode.Success);
                    break;
                case PacketType.PubRel:
                    await client.SendAckAsync(PacketType.PubComp, ReceivedAck.From(packet, PacketType.PubRel, client.Version).PacketId);
                    break;
                case PacketType.PubRec when i % 3 != 0:
                    await client.SendAckAsync(PacketType.PubRel, ReceivedAck.From(packet, PacketType.PubRec, client.Version).PacketId);
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>A client with a user name is let in as that user; the share of an operator is all.</summary>
    private sealed class NamedUsers : IAccessRules
    {
        public Admission Admit(ConnectPacket connect, EndPoint? remote) => new(RoleOf(connect.UserName)) { UserName = connect.UserName };

        public Admission Recall(string clientId, string? userName, ClientRole role) => new(RoleOf(userName)) { UserName = userName };

        private static ClientRole RoleOf(string? userName) => userName is "u0" or "last" ? ClientRole.Operator : userName is "u1" ? ClientRole.Bridge : ClientRole.Device;
    }
}
