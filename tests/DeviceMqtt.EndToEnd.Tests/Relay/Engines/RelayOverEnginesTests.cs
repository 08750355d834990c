using System.Diagnostics;
using DeviceMqtt.EndToEnd.Tests.Durability;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// 20,000 messages at QoS 1 go through the gateway while its upstream, a real one, breaks and comes back, and the gateway
/// itself is killed with SIGKILL twice. Afterwards every acknowledged one is upstream, in order per topic, and the ledger balances.
/// </summary>
[TestClass]
public sealed class RelayOverEnginesTests
{
    private const int MessagesInAll = 20_000;
    private const string Topic = "dm/load/tele";
    private static readonly TimeSpan SubscribePatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan DrainPatience = TimeSpan.FromMinutes(3);

    [TestMethod]
    public async Task Mosquitto_StoppedFrozenAndKilled_EveryAcknowledgedMessageIsThere() => await Prove(new MosquittoEngine(await MosquittoBroker.Start()));

    [TestMethod]
    [LongRun]
    public async Task NatsCluster_ANodeKilled_EveryAcknowledgedMessageIsThere() => await Prove(await NatsCluster.Start());

    [TestMethod]
    [LongRun]
    public async Task RabbitMQ_Restarted_EveryAcknowledgedMessageIsThere() => await Prove(await RabbitEngine.Start());

    private static async Task Prove(UpstreamEngine engine)
    {
        await using UpstreamEngine upstream = engine;
        SubscriberOptions application = new() { ClientId = "application", QoS = 1, CleanSession = false };
        await (await Subscribe(upstream.Reader, application)).DisconnectAndDispose();
        await using KillableGateway gateway = await KillableGateway.Start(
            "--upstream", upstream.Addresses, "--set", "Relay:ClientId=gateway-under-test", "--set", "Relay:BackoffMinMs=50", "--set", "Relay:BackoffMaxMs=500",
            "--set", "Limits:RelayAnswerSecondsMax=5", "--set", "Sys:IntervalSeconds=1");
        KeepingPublisher[] publishers = [new(gateway, "p1", $"{Topic}/one", qos: 1), new(gateway, "p2", $"{Topic}/two", qos: 1)];
        // Before, during and after each fault: so many parts of the load.
        int each = MessagesInAll / publishers.Length / ((2 * upstream.Faults) + 1);
        await Publish(publishers, each);
        for (int fault = 0; fault < upstream.Faults; fault++)
        {
            await upstream.Prepare(fault, () => WhenRelayed(gateway, upstream));
            await upstream.Break(fault);
            await PublishAndKill(gateway, publishers, each, isKilled: fault == 0);
            await upstream.Mend(fault);
            await PublishAndKill(gateway, publishers, each, isKilled: fault == 0);
        }

        await Publish(publishers, (MessagesInAll / publishers.Length) - publishers[0].Acknowledged.Count);
        try
        {
            await AssertUpstreamHas(upstream.Reader, application, publishers);
        }
        catch (AssertFailedException failed)
        {
            // Who of the two stands still shows only here.
            string newLine = Environment.NewLine;
            (_, string rest) = await StopAndCount(gateway);
            throw new AssertFailedException($"{failed.Message}{newLine}The ledger:{newLine}{rest}{newLine}The gateway:{newLine}{gateway.Transcript()}{newLine}The upstream:{newLine}{upstream.Reader.Transcript()}", failed);
        }

        await WhenNothingIsPending(gateway);
        (int exitCode, string ledger) = await StopAndCount(gateway);
        Console.WriteLine(ledger);
        Assert.AreEqual(0, exitCode, ledger);
        string[] relay = ledger.Split('\n').Single(line => line.StartsWith("Relay ", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        // Class, accepted, delivered, pending, expired, dropped: all has arrived.
        Assert.AreEqual((relay[1], "0", "0", "0"), (relay[2], relay[3], relay[4], relay[5].Trim()), ledger);
    }

    private static async Task<(int ExitCode, string Ledger)> StopAndCount(KillableGateway gateway)
    {
        gateway.Process.Terminate();
        _ = await gateway.Process.WaitForExit();
        return await gateway.Inspect("ledger");
    }

    // The application may have the last message before the gateway has its acknowledgement.
    private static async Task WhenNothingIsPending(KillableGateway gateway)
    {
        await using MosquittoSub watcher = await MosquittoSub.Start(gateway, "$SYS/broker/custody/relay/pending");
        _ = await watcher.Messages.WaitFor(static m => m.Text == "0", "that nothing waits for the upstream", patience: DrainPatience);
    }

    // A cluster accepts clients before its streams have leaders; until then, and after a change of them, it refuses subscriptions.
    private static async Task<MosquittoSub> Subscribe(BrokerUnderTest reader, SubscriberOptions application)
    {
        long began = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return await MosquittoSub.Start(reader, application, $"{Topic}/#");
            }
            catch (AssertFailedException) when (Stopwatch.GetElapsedTime(began) < SubscribePatience)
            {
                // The next try tells.
            }
        }
    }

    private static Task Publish(KeepingPublisher[] publishers, int count) => Task.WhenAll(publishers.Select(p => p.Run(count)));

    // The last of its class arrives last.
    private static async Task WhenRelayed(KillableGateway gateway, UpstreamEngine upstream)
    {
        await using MosquittoSub watcher = await MosquittoSub.Start(upstream.Reader, "dm/marker");
        await MosquittoPub.Send(gateway, "dm/marker", "all before is there", qos: 1);
        long began = Stopwatch.GetTimestamp();
        _ = await watcher.Messages.WaitFor(static _ => true, "the last of what the gateway had", patience: DrainPatience);
        Console.WriteLine($"all was there after {Stopwatch.GetElapsedTime(began).TotalSeconds:F1} s");
    }

    // In the middle of its part of the load the gateway is gone without a word; what it had not acknowledged is sent again.
    private static async Task PublishAndKill(KillableGateway gateway, KeepingPublisher[] publishers, int count, bool isKilled)
    {
        int[] until = [.. publishers.Select(p => p.Acknowledged.Count + count)];
        if (isKilled)
        {
            TaskCompletionSource middle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            publishers[0].Progress = () => _ = publishers[0].Acknowledged.Count > until[0] - (count / 2) && middle.TrySetResult();
            Task load = Publish(publishers, count);
            await middle.Task.WaitAsync(Patience.Default);
            publishers[0].Progress = null;
            await gateway.Kill();
            await load;
            await gateway.Up();
        }

        await Task.WhenAll(publishers.Select((p, i) => p.Run(Math.Max(1, until[i] - p.Acknowledged.Count))));
    }

    private static async Task AssertUpstreamHas(BrokerUnderTest reader, SubscriberOptions application, KeepingPublisher[] publishers)
    {
        await using MosquittoSub subscriber = await Subscribe(reader, application);
        foreach ((KeepingPublisher publisher, string name) in publishers.Zip(["one", "two"]))
        {
            IReadOnlyList<int> received = await publisher.AssertArrives(subscriber, mayRepeat: true, DrainPatience);
            Console.WriteLine($"{name}: {publisher.Acknowledged.Count} acknowledged, {received.Count} upstream, {received.Count - received.Distinct().Count()} of them again");
            // What was in flight over a broken link, and what was acknowledged upstream in the second before a kill.
            Assert.IsLessThan(publisher.Acknowledged.Count / 2, received.Count - received.Distinct().Count(), "messages that came again");
        }
    }
}
