using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Durability;

/// <summary>
/// The gateway is killed with SIGKILL while clients publish to a topic that is durable and to one that need not be. Of the first everything is there that was
/// acknowledged; of the second what waited may be gone, its order is kept, and what was published after the last kill is there.
/// </summary>
[TestClass]
public sealed class VolatileKillTests
{
    private const int Kills = 3;

    [TestMethod]
    public async Task Gateway_KilledUnderLoad_OnlyWhatNeedNotBeDurableMayBeGone()
    {
        await using KillableGateway gateway = await KillableGateway.Start("--set", "Topics:0:Filter=load/volatile/#", "--set", "Topics:0:Durable=false",
            "--set", "Limits:QueueMessagesMax=1000000", "--set", "Limits:QueueBytesMax=500000000", "--set", "Limits:QueueBytesTotalMax=1000000000", "--set", "Limits:JournalBytesMax=2500000000");
        SubscriberOptions archive = new() { ClientId = "archive", QoS = 1, CleanSession = false };
        await (await MosquittoSub.Start(gateway, archive, "load/#")).DisconnectAndDispose();
        KeepingPublisher durable = new(gateway, "p1", "load/durable/a", qos: 1);
        KeepingPublisher inMemory = new(gateway, "p2", "load/volatile/a", qos: 1);
        for (int kill = 0; kill < Kills; kill++)
        {
            TaskCompletionSource moment = new(TaskCreationOptions.RunContinuationsAsynchronously);
            // Of both: what is to be lost has to be there.
            int least = durable.Acknowledged.Count + 500, leastInMemory = inMemory.Acknowledged.Count + 100;
            durable.Progress = inMemory.Progress = () =>
            {
                if (durable.Acknowledged.Count >= least && inMemory.Acknowledged.Count >= leastInMemory)
                    moment.TrySetResult();
            };
            Task load = Task.WhenAll(durable.Run(), inMemory.Run());
            await moment.Task.WaitAsync(Patience.Default);
            await gateway.Kill();
            await load;
            (int exitCode, string ledger) = await gateway.Inspect("ledger");
            Assert.AreEqual(0, exitCode, $"after kill {kill}: {ledger}");
            await gateway.Up();
        }

        int lostUntil = inMemory.Acknowledged.Max();
        await durable.Run(countMax: 100);
        await inMemory.Run(countMax: 100);
        Assert.IsGreaterThan(lostUntil, inMemory.Acknowledged.Max());

        await using MosquittoSub subscriber = await MosquittoSub.Start(gateway, archive, "load/#");
        _ = await durable.AssertArrives(subscriber, mayRepeat: true);
        int last = inMemory.Acknowledged.Max();
        _ = await subscriber.Messages.WaitFor(m => m.Topic == "load/volatile/a" && NumberOf(m) == last, $"message {last}");
        int[] received = [.. subscriber.Messages.Items.Where(m => m.Topic == "load/volatile/a").Select(NumberOf)];
        Console.WriteLine($"of {inMemory.Acknowledged.Count} in memory {received.Distinct().Count()} arrived");
        CollectionAssert.AreEqual(received.Distinct().Order().ToArray(), received.Distinct().ToArray(), "the order has changed");
        Assert.IsEmpty(inMemory.Acknowledged.Where(n => n > lostUntil).Except(received), "lost without a restart");
        Assert.IsLessThan(inMemory.Acknowledged.Count, received.Distinct().Count(), "everything outlived three kills: it was on the disk");
    }

    private static int NumberOf(ReceivedMessage message) => int.Parse(message.Text, CultureInfo.InvariantCulture);
}
