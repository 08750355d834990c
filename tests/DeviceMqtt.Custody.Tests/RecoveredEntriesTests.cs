using System.Diagnostics.CodeAnalysis;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Records;
using DeviceMqtt.Custody.Recovery;
using DeviceMqtt.Journal;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Custody.Tests;

/// <summary>The messages in custody as a recovery knows them, against a dictionary of them.</summary>
[TestClass]
internal sealed class RecoveredEntriesTests
{
    private static readonly FormerUser[] Former = [new(new UserIdentity("ann", 1), IsForNobody: false), new(new UserIdentity("bob", 2), IsForNobody: true)];

    [TestMethod]
    [SuppressMessage("Security", "CA5394", Justification = "a seed must give the same run again")]
    public void Entries_ChangedAtRandom_SameAsADictionary()
    {
        Random random = new(20261130);
        RecoveredEntries entries = new();
        Dictionary<long, RecoveredEntry> expected = [];
        long count = 0;
        for (int at = 1; at <= 40_000; at++)
        {
            // Mostly a new one behind all others; now and then an old one, as a slice of a snapshot has it.
            long entry = Entry.Number(random.Next(10) < 5 ? ++count : random.NextInt64(1, count + 2), (LedgerClass)random.Next(3));
            switch (random.Next(10))
            {
                case < 5:
                    uint[]? identifiers = random.Next(4) == 0 ? [.. Enumerable.Range(1, random.Next(1, 3)).Select(static i => (uint)i)] : null;
                    HeldRecord held = new(entry, $"owner{random.Next(5)}", random.NextInt64(1, 1L << 40), (QoS)random.Next(3), random.Next(2) == 0, identifiers);
                    Assert.AreEqual(!expected.ContainsKey(entry), entries.Hold(held, at));
                    expected[entry] = new RecoveredEntry(held, at);
                    break;
                case < 8:
                    Assert.AreEqual(expected.TryGetValue(entry, out RecoveredEntry known), entries.TryFind(entry, out RecoveredEntry found));
                    if (!expected.ContainsKey(entry))
                        break;
                    Change(random.Next(6), at, ref known);
                    entries.Set(known);
                    expected[entry] = known;
                    break;
                default:
                    Assert.AreEqual(expected.Remove(entry), entries.Remove(entry));
                    break;
            }

            Assert.AreEqual(expected.ContainsKey(entry), entries.Has(entry));
            Assert.AreEqual(expected.Count, entries.Count);
            if (expected.TryGetValue(entry, out RecoveredEntry same) && entries.TryFind(entry, out RecoveredEntry there))
                Assert.AreEqual(Text(same), Text(there));
        }

        string[] inOrder = [.. expected.Values.OrderBy(static e => e.PacketId == 0 ? long.MaxValue : e.SentAt).ThenBy(static e => e.Held.Entry).Select(Text)];
        CollectionAssert.AreEqual(inOrder, entries.InOrder(isTaken: false).Select(Text).ToArray());
        CollectionAssert.AreEquivalent(inOrder, entries.All.Select(Text).ToArray());
        entries.Restored();
        foreach (long entry in expected.Keys.ToArray())
        {
            RecoveredEntry restored = expected[entry];
            restored.Restored();
            expected[entry] = restored;
        }

        inOrder = [.. expected.Values.OrderBy(static e => e.PacketId == 0 ? long.MaxValue : e.SentAt).ThenBy(static e => e.Held.Entry).Select(Text)];
        CollectionAssert.AreEqual(inOrder, entries.InOrder(isTaken: true).Select(Text).ToArray());
        Assert.AreEqual(0, entries.Count);
        Assert.AreEqual(0L, entries.Bytes);
    }

    // Above, counts may repeat under different classes; the gateway gives each count once, and a snapshot says them by owner.
    [TestMethod]
    public void InOrder_ClassesTakeTurns_ByTheOrderInWhichTheyWereAccepted()
    {
        RecoveredEntries entries = new();
        long[] numbers = [.. Enumerable.Range(1, 1_000).Select(static i => Entry.Number(i, (LedgerClass)(i % 3)))];
        foreach (long entry in numbers.OrderBy(Entry.ClassOf).ThenByDescending(static e => e))
            _ = entries.Hold(new HeldRecord(entry, "owner", 1, QoS.AtLeastOnce, Retain: false, Identifiers: null), at: 1);
        CollectionAssert.AreEqual(numbers, entries.InOrder(isTaken: false).Select(static e => e.Held.Entry).ToArray());
    }

    [TestMethod]
    public void Positions_LiveAndShared_AreKnown()
    {
        RecordWriter record = new();
        RecoveredState state = new();
        Hold(1, 5);
        Hold(2, 7);
        Hold(3, 7);
        Hold(4, 1L << 40);
        record.Start(RecordKind.Retained).Add(5L).Add("t");
        state.Record(position: 1, RecordLife.Event, record.Written);
        record.Start(RecordKind.Received).Add(Entry.Number(4, LedgerClass.Session));
        state.Record(position: 1, RecordLife.Event, record.Written);
        CollectionAssert.AreEqual((long[])[5, 7], Enumerable.Range(0, 200).Select(static i => (long)i).Where(state.IsLive).ToArray());
        Assert.IsFalse(state.IsLive(1L << 40), "its client has it");
        CollectionAssert.AreEqual((long[])[5, 7], Enumerable.Range(0, 200).Select(static i => (long)i).Where(state.IsShared).ToArray());

        void Hold(int number, long position)
        {
            new HeldRecord(Entry.Number(number, LedgerClass.Session), "reader", position, QoS.ExactlyOnce, Retain: false, Identifiers: null).Write(record);
            state.Record(position: number, RecordLife.Event, record.Written);
        }
    }

    private static void Change(int what, long at, ref RecoveredEntry entry)
    {
        switch (what)
        {
            case 0: entry.Sent((ushort)(1 + (at % 60_000)), QoS.ExactlyOnce, at); break;
            case 1: entry.Sent(entry.PacketId, QoS.AtLeastOnce, at); break;
            case 2: entry.Sent(packetId: 0, QoS.AtMostOnce, at); break;
            case 3: entry.IsReceived = true; break;
            case 4: entry.Aside = AsideReason.Refused((byte)(0x80 + (at % 3))); break;
            default: entry.OfEndedSession = Former[at % 2]; break;
        }
    }

    private static string Text(RecoveredEntry e) =>
        $"{e.Held.Entry} {e.Held.Owner} {e.Held.Message} {e.Held.QoS} {e.Held.Retain} [{string.Join(',', e.Held.Identifiers ?? [])}] {e.HeldAt} {e.PacketId} {e.SentAt} {e.Aside} {e.OfEndedSession} {e.IsReceived} {e.SentQoS} {e.IsOfBackup} {e.WasSent}";
}
