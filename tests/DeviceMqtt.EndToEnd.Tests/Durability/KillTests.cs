using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>
/// The gateway is killed with SIGKILL at random moments while clients publish. Afterwards everything it had acknowledged is
/// there: for a subscriber that was away, for a device, retained, and upstream. Five times in the normal run;
/// <c>DEVICEMQTT_KILLS=50</c> (the long mode of the test command) fifty times.
/// </summary>
[TestClass]
public sealed class KillTests
{
    private const string Topic = "dm/load/tele";
    private static readonly int Kills = int.Parse(Environment.GetEnvironmentVariable("DEVICEMQTT_KILLS") ?? "5", CultureInfo.InvariantCulture);

    [TestMethod]
    public async Task Gateway_KilledUnderLoad_EverythingAcknowledgedIsThere()
    {
        int seed = int.Parse(Environment.GetEnvironmentVariable("DEVICEMQTT_SEED") ?? $"{Environment.TickCount & 0xFFFF}", CultureInfo.InvariantCulture);
        Console.WriteLine($"DEVICEMQTT_SEED={seed}");
        Random random = new(seed);
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        SubscriberOptions cloud = new() { ClientId = "cloud", QoS = 1, CleanSession = false };
        await (await MosquittoSub.Start(upstream, cloud, $"{Topic}/#")).DisconnectAndDispose();
        await using KillableGateway gateway = await KillableGateway.Start(
        [
            .. RelayedGateway.ArgumentsFor(upstream), "--set", "Security:LocalRole=Operator",
            "--set", "Limits:QueueMessagesMax=1000000", "--set", "Limits:QueueBytesMax=500000000", "--set", "Limits:QueueBytesTotalMax=1000000000",
            "--set", "Limits:RelayMessagesMax=1000000", "--set", "Limits:RelayBytesMax=500000000",
            "--set", "Limits:MailboxMessagesMax=1000000", "--set", "Limits:MailboxBytesMax=100000000", "--set", "Limits:JournalBytesMax=2500000000",
        ]);
        SubscriberOptions archive = new() { ClientId = "archive", QoS = 2, CleanSession = false };
        await (await MosquittoSub.Start(gateway, archive, $"{Topic}/#")).DisconnectAndDispose();
        await (await RawMqtt.Connect(gateway, "device")).DisposeAsync();

        KeepingPublisher once = new(gateway, "p1", $"{Topic}/q1", qos: 1);
        KeepingPublisher exactly = new(gateway, "p2", $"{Topic}/q2", qos: 2);
        KeepingPublisher commands = new(gateway, "p3", "dm/p2p/device", qos: 1);
        KeepingPublisher retained = new(gateway, "p4", "state/retained", qos: 1) { IsRetained = true };
        KeepingPublisher[] all = [once, exactly, commands, retained];
        List<string> foreign = [];
        for (int kill = 0; kill < Kills; kill++)
        {
            Task moment = After(random.Next(1, 1500), all);
            Task load = Task.WhenAll(all.Select(p => p.Run()));
            using TestFolder folder = new();
            string[] lines = [.. Enumerable.Range(1, 20_000).Select(n => $"{kill}-{n}")];
            await using ChildProcess mosquitto = MosquittoPub.LaunchLines(gateway, $"{Topic}/foreign", folder.Write("lines", string.Join('\n', lines)), qos: 1);
            await moment.WaitAsync(Patience.Default);
            await gateway.Kill();
            await load;
            await mosquitto.Kill();
            foreign.AddRange(MosquittoPub.Acknowledged(mosquitto).Select(id => lines[id - 1]));
            (int exitCode, string ledger) = await gateway.Inspect("ledger");
            Assert.AreEqual(0, exitCode, $"after kill {kill}: {ledger}");
            await gateway.Up();
        }

        foreach (KeepingPublisher publisher in all)
            await publisher.Run(countMax: 1);
        await AssertSubscriberHas(gateway, archive, once, exactly, foreign);
        await AssertSubscriberHas(upstream, cloud, once, exactly, foreign, exactlyOnce: false);
        await AssertDeviceHas(gateway, commands);
        await AssertRetained(gateway, retained);
    }

    // The moment of the kill: when so many acknowledgements have come back, whoever got them.
    private static Task After(int acknowledgements, KeepingPublisher[] publishers)
    {
        TaskCompletionSource moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int count = 0;
        foreach (KeepingPublisher publisher in publishers)
            publisher.Progress = () => _ = Interlocked.Increment(ref count) == acknowledgements && moment.TrySetResult();
        return moment.Task;
    }

    private static async Task AssertSubscriberHas(BrokerUnderTest broker, SubscriberOptions options, KeepingPublisher once, KeepingPublisher exactly, List<string> foreign, bool exactlyOnce = true)
    {
        await using MosquittoSub subscriber = await MosquittoSub.Start(broker, options, $"{Topic}/#");
        await once.AssertArrives(subscriber, mayRepeat: true);
        await exactly.AssertArrives(subscriber, mayRepeat: !exactlyOnce);
        // The order holds within a topic: the last of another one says nothing about these.
        HashSet<string> missing = [.. foreign];
        try
        {
            if (missing.Count > 0)
                _ = await subscriber.Messages.WaitFor(m => m.Topic == $"{Topic}/foreign" && missing.Remove(m.Text) && missing.Count == 0, "what mosquitto_pub was promised");
        }
        catch (AssertFailedException)
        {
            Assert.Fail($"mosquitto_pub was promised {foreign.Count}, lost are {string.Join(' ', missing.Take(5))}");
        }
    }

    private static async Task AssertDeviceHas(BrokerUnderTest gateway, KeepingPublisher commands)
    {
        await using MosquittoSub device = await MosquittoSub.Start(gateway, new SubscriberOptions { ClientId = "device", QoS = 1 }, "nothing");
        await commands.AssertArrives(device, mayRepeat: true);
        Assert.IsTrue(device.Messages.Items.All(m => m.Topic == "dm/p2p/device"), "something else came to the device");
    }

    private static async Task AssertRetained(BrokerUnderTest gateway, KeepingPublisher retained)
    {
        await using MosquittoSub late = await MosquittoSub.Start(gateway, "state/retained");
        ReceivedMessage message = (await late.Messages.WaitForCount(1))[0];
        Assert.IsGreaterThanOrEqualTo(retained.Acknowledged.Max(), int.Parse(message.Text, CultureInfo.InvariantCulture));
    }
}
