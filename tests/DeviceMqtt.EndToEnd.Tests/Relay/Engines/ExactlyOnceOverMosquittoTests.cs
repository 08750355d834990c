using DeviceMqtt.EndToEnd.Tests.Durability;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// A rule with <c>MaxQoS</c> 2 towards mosquitto, while messages are in the middle of their four packets: the gateway is killed, mosquitto is, and both. Each message is there
/// once, in its order. mosquitto keeps over a kill what it had saved; so it has nothing more to save when it is killed.
/// </summary>
[TestClass]
public sealed class ExactlyOnceOverMosquittoTests
{
    private const string Topic = "dm/load/tele";
    private const int Each = 1_000; // messages of a publisher between two faults
    private static readonly string FromGateway = $"from {RelayedGateway.ClientId} ";

    [TestMethod]
    public async Task MaxQoS2_GatewayAndMosquittoKilledInTheMiddle_EachMessageThereOnce()
    {
        await using MosquittoBroker upstream = await MosquittoBroker.Start();
        SubscriberOptions application = new() { ClientId = "application", QoS = 2, CleanSession = false };
        await (await MosquittoSub.Start(upstream, application, $"{Topic}/#")).DisconnectAndDispose();
        await using KillableGateway gateway = await KillableGateway.Start([.. RelayedGateway.ArgumentsFor(upstream), "--set", "Relay:Rules:0:Filter=#", "--set", "Relay:Rules:0:MaxQoS=2"]);
        KeepingPublisher[] publishers = [new(gateway, "p1", $"{Topic}/one", qos: 2), new(gateway, "p2", $"{Topic}/two", qos: 2)];

        await Load(publishers, gateway.Kill);
        await gateway.Up();
        await Load(publishers, async () =>
        {
            await KillUpstream(upstream, gateway);
            gateway.Process.Continue();
            await upstream.Up();
        });
        await Load(publishers, async () =>
        {
            await KillUpstream(upstream, gateway);
            await gateway.Kill();
        });
        await upstream.Up();
        await gateway.Up();
        await Load(publishers, static () => Task.CompletedTask);

        await using MosquittoSub reader = await MosquittoSub.Start(upstream, application, $"{Topic}/#");
        foreach (KeepingPublisher publisher in publishers)
        {
            IReadOnlyList<int> received = await publisher.AssertArrives(reader, mayRepeat: false);
            Console.WriteLine($"{publisher.Acknowledged.Count} complete, {received.Count} upstream");
        }

        string[] sent = [.. upstream.Log.Items.Where(line => line.Contains($"Received PUBLISH {FromGateway}", StringComparison.Ordinal) && line.Contains(Topic, StringComparison.Ordinal))];
        Assert.IsNotEmpty(sent);
        Assert.IsTrue(sent.All(static line => line.Contains(" q2,", StringComparison.Ordinal)), "a message went at another QoS");
    }

    // A fault in the middle of it. What the publishers did not see complete they go on with in the next part.
    private static async Task Load(KeepingPublisher[] publishers, Func<Task> fault)
    {
        TaskCompletionSource middle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int until = publishers[0].Acknowledged.Count + (Each / 2);
        publishers[0].Progress = () => _ = publishers[0].Acknowledged.Count >= until && middle.TrySetResult();
        Task load = Task.WhenAll(publishers.Select(static p => p.Run(Each)));
        await middle.Task.WaitAsync(Patience.Default);
        publishers[0].Progress = null;
        await fault();
        await load;
    }

    // The gateway stands still where it is, some of its messages with PUBREC and some without. What mosquitto has of them is saved when it has said nothing more of the gateway since.
    private static async Task KillUpstream(MosquittoBroker upstream, KillableGateway gateway)
    {
        gateway.Process.Stop();
        int heard;
        do
        {
            heard = HeardOfGateway(upstream);
            await upstream.Save();
        }
        while (HeardOfGateway(upstream) > heard);

        await upstream.Kill();
    }

    private static int HeardOfGateway(MosquittoBroker upstream) => upstream.Log.Items.Count(static line => line.Contains(FromGateway, StringComparison.Ordinal));
}
