using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>A folder of the versions that counted by the clock on the wall: it opens, and nothing in it expires early.</summary>
[TestClass]
internal sealed class OldJournalTests
{
    [TestMethod]
    [DataRow(0L), DataRow(1_700_000_000_000L), DataRow(4_000_000_000_000L)]
    public async Task Journal_WithWallTimesAlone_CountsFromTheFirstStartThatKnowsRunningTime(long wallMs)
    {
        FakeMachine machine = new();
        MemoryStorage disk = await WriteOldAsync(wallMs);
        BrokerOnDisk gateway = BrokerOnDisk.StartOn(disk, machine: machine);
        gateway.Advance(60);
        disk = await gateway.CrashAsync();
        machine.Time.Advance(TimeSpan.FromSeconds(30));
        BrokerOnDisk second = BrokerOnDisk.StartOn(disk, machine: machine);
        Assert.IsNotNull(second.Look(b => b.Sessions.Find("s")), "the Session ended early");
        second.AssertLedgerBalances();
        TestClient client = await second.ConnectAsync("s", ProtocolVersion.V5, clean: false, properties: new ConnectProperties { SessionExpirySeconds = 3600 });
        ReceivedPublish received = await client.ReceivePublishAsync();
        Assert.AreEqual("old", received.Payload);
        await client.DropAsync();
        await second.DisposeAsync();

        machine.Time.Advance(TimeSpan.FromSeconds(3700));
        await using BrokerOnDisk third = BrokerOnDisk.StartOn(second.Disk, machine: machine);
        third.Advance(1);
        Assert.IsNull(third.Look(b => b.Sessions.Find("s")), "and it ends when it has had its time");
    }

    private static async Task<MemoryStorage> WriteOldAsync(long wallMs)
    {
        MemoryStorage disk = new();
        await using RecordJournal journal = RecordJournal.Open(disk, new JournalOptions(), new Recovery.RecoveredState());
        RecordWriter record = new();
        record.Start(RecordKind.SessionBegan).Add("s").Add(3600L).Add(false);
        Append(RecordLife.Event);
        record.Start(RecordKind.SessionLeft).Add("s").Add(wallMs).Add(3600L);
        Append(RecordLife.Event);
        record.Start(RecordKind.Message).Add((byte)QoS.AtLeastOnce).Add(wallMs).Add(1_000_000L)
            .Add(Encoding.UTF8.GetBytes("t").AsSpan()).Add([]).Add(Encoding.UTF8.GetBytes("old").AsSpan());
        long position = Append(RecordLife.Body);
        new HeldRecord(Entry.Number(1, LedgerClass.Session), "s", position, QoS.AtLeastOnce, Retain: false, Identifiers: null).Write(record);
        Append(RecordLife.Event);
        journal.Commit();
        return disk;

        long Append(RecordLife life)
        {
            Assert.AreEqual(AppendResult.Appended, journal.TryAppend(record.Written, life, reserve: true, out long at));
            return at;
        }
    }
}
