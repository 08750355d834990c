using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A fault of the gateway in a snapshot: nothing comes of this one, and another one is begun later. Messages are acknowledged all the while.</summary>
[TestClass]
internal sealed class SnapshotFaultTests
{
    private bool _isBad;

    [TestMethod]
    [DataRow("WaitingInOrder"), DataRow("Aside"), DataRow("Taken"), DataRow("GivenUp")]
    public async Task Snapshot_Fails_TheNextIsBegunBehindAPauseThatGrows(string step)
    {
        int asked = 0;
        int seconds = 0;
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage(), snapshotSteps: 1, before: broker => broker.Broker.Upstreams.Backlogs.Add("up", Faulty<IUpstreamBacklog>.InFrontOf(
            new NoBacklog(),
            (method, _) =>
            {
                asked += method == step ? 1 : 0;
                return _isBad && method == step;
            })));
        gateway.ExpectsFaults = true;
        TestClient publisher = await gateway.ConnectAsync("publisher");
        await RoundAsync(5);
        await Patience.Until(() => Volatile.Read(ref asked) > 0 || Beat(), "a snapshot that asks for that");

        _isBad = true;
        seconds = 0;
        await RoundAsync(5); // something to write
        // The next ones 1, 2, 4 and 8 seconds later; more where the machine is slow, as the seconds go on meanwhile.
        const int Faults = 5;
        await Patience.Until(() => gateway.Look(static b => b.Counters.JobFaults) >= Faults || Beat(), "another try");
        Assert.IsGreaterThanOrEqualTo(1 + 2 + 4 + 8, seconds, "it was tried again each second");
        await RoundAsync(5);
        long faults = gateway.Counters.JobFaults;
        long before = gateway.State.Status!.Value.Snapshots;
        _isBad = false;
        await Patience.Until(() => gateway.State.Status!.Value.Snapshots > before || Beat(), "a snapshot");
        Assert.AreEqual(faults, gateway.Counters.JobFaults);

        async Task RoundAsync(int messages)
        {
            for (int i = 0; i < messages; i++)
            {
                Assert.AreEqual(ReasonCode.Success, await publisher.PublishAsync($"r/{i}", "x", QoS.AtLeastOnce, retain: true));
                _ = Beat();
            }
        }

        bool Beat()
        {
            seconds++;
            gateway.Advance(1);
            return false;
        }
    }

    private sealed class NoBacklog : IUpstreamBacklog
    {
        public bool HasOldIdentifiers { get; set; }

        public string Where => "";

        public IEnumerable<QueuedMessage> All() => [];

        public IEnumerable<QueuedMessage> Taken() => [];

        public IEnumerable<QueuedMessage> WaitingInOrder() => [];

        public IEnumerable<SentMessage> InFlightInOrder() => [];

        public IEnumerable<(QueuedMessage Queued, AsideReason Why)> Aside() => [];

        public IEnumerable<ushort> GivenUp() => [];

        public void Restore(in QueuedMessage queued)
        {
        }

        public bool TryRestoreInFlight(in SentMessage sent) => false;

        public void RestoreGivenUp(ushort packetId)
        {
        }

        public void RestoreAside(in QueuedMessage queued, AsideReason why)
        {
        }
    }
}
