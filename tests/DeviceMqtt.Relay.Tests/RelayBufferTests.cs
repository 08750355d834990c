using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Sending;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The buffer between the broker and the upstream: its order, its bounds, its account.</summary>
[TestClass]
public sealed class RelayBufferTests
{
    private const long Now = 1000;
    private readonly BrokerCounters _counters = Make.Counters();

    [TestMethod]
    public void Buffer_Taken_InTheOrderAdded()
    {
        RelayBuffer buffer = Create(messagesMax: 10);
        Message[] messages = Add(buffer, 5);

        CollectionAssert.AreEqual(messages, TakeAll(buffer));
    }

    [TestMethod]
    public void Buffer_Taken_StaysUntilReleased()
    {
        RelayBuffer buffer = Create(messagesMax: 10);
        Message message = Add(buffer, 1)[0];

        _ = TakeAll(buffer);

        Assert.AreEqual((0, 1, 1, (long)message.Bytes), (buffer.Waiting, buffer.InFlight, buffer.Count, buffer.Bytes));
        buffer.Release(message);
        Assert.AreEqual((0, 0L), (buffer.Count, buffer.Bytes));
    }

    [TestMethod]
    public void RelayMessagesMax_Reached_OldestWaitingDroppedAndCounted()
    {
        RelayBuffer buffer = Create(messagesMax: 3);
        Message[] messages = Add(buffer, 5);

        CollectionAssert.AreEqual(messages[2..], TakeAll(buffer));
        Assert.AreEqual(2, _counters.Dropped(DropReason.RelayFull));
    }

    [TestMethod]
    public void RelayMessagesMax_ReachedWithSomeInFlight_ThoseAreKept()
    {
        RelayBuffer buffer = Create(messagesMax: 3);
        _ = Add(buffer, 2);
        Message[] inFlight = TakeAll(buffer);
        Message[] later = Add(buffer, 2);

        CollectionAssert.AreEqual(later[1..], TakeAll(buffer));
        Assert.AreEqual(3, buffer.InFlight);
        Assert.AreEqual(1, _counters.Dropped(DropReason.RelayFull));
        buffer.Release(inFlight[0]);
        Assert.AreEqual(2, buffer.InFlight);
    }

    [TestMethod]
    public void RelayMessagesMax_ReachedWithAllInFlight_NewcomerDroppedAndCounted()
    {
        RelayBuffer buffer = Create(messagesMax: 2);
        _ = Add(buffer, 2);
        _ = TakeAll(buffer);

        _ = Add(buffer, 1);

        Assert.AreEqual((0, 2), (buffer.Waiting, buffer.InFlight));
        Assert.AreEqual(1, _counters.Dropped(DropReason.RelayFull));
    }

    [TestMethod]
    public void RelayBytesMax_Reached_AsManyOldestDroppedAsTheNewestNeeds()
    {
        int each = Messages.Of("t", "0").Bytes;
        RelayBuffer buffer = Create(messagesMax: 100, bytesMax: each * 4);
        _ = Add(buffer, 4);
        Message large = Messages.Of("t", new string('x', each * 2));

        buffer.Add(large);

        Assert.AreEqual(large, TakeAll(buffer)[^1]);
        Assert.AreEqual(4 - buffer.InFlight + 1, _counters.Dropped(DropReason.RelayFull));
        Assert.IsLessThanOrEqualTo(each * 4, buffer.Bytes);
    }

    [TestMethod]
    public void RelayBytesMax_SmallerThanOneMessage_ItIsDroppedAndCounted()
    {
        RelayBuffer buffer = Create(messagesMax: 100, bytesMax: 10);

        _ = Add(buffer, 1);

        Assert.AreEqual((0, 0L), (buffer.Count, buffer.Bytes));
        Assert.AreEqual(1, _counters.Dropped(DropReason.RelayFull));
    }

    [TestMethod]
    public void Buffer_ExpiredWhenItsTurnComes_DroppedAndCounted()
    {
        RelayBuffer buffer = Create(messagesMax: 10);
        buffer.Add(Messages.Of("t", "old", expiresMs: Now));
        Message fresh = Messages.Of("t", "fresh", expiresMs: Now + 1);
        buffer.Add(fresh);

        CollectionAssert.AreEqual(new[] { fresh }, TakeAll(buffer));
        Assert.AreEqual(1, _counters.Dropped(DropReason.Expired));
        Assert.AreEqual(fresh.Bytes, buffer.Bytes);
    }

    [TestMethod]
    public void Buffer_Oldest_KnownByItsTime()
    {
        RelayBuffer buffer = Create(messagesMax: 10);
        Assert.IsNull(buffer.OldestMs);

        buffer.Add(Messages.Of("t", "1", acceptedMs: 7));
        buffer.Add(Messages.Of("t", "2", acceptedMs: 8));

        Assert.AreEqual(7L, buffer.OldestMs);
        _ = buffer.TryTake(Now, out Message? first);
        Assert.AreEqual(7L, buffer.OldestMs, "in flight it is still the oldest");
        buffer.Release(first!);
        Assert.AreEqual(8L, buffer.OldestMs);
    }

    [TestMethod]
    public void Buffer_OverLongUse_EveryMessageIsAccountedFor()
    {
        Random random = new(20_260_102);
        RelayBuffer buffer = Create(messagesMax: 20, bytesMax: 5000);
        Queue<Message> inFlight = new();
        int added = 0;
        int released = 0;
        for (int step = 0; step < 10_000; step++)
        {
            switch (random.Next(3))
            {
                case 0:
                    buffer.Add(Messages.Of("t", new string('x', random.Next(400)), expiresMs: random.Next(10) == 0 ? 0 : long.MaxValue));
                    added++;
                    break;
                case 1 when buffer.TryTake(Now, out Message? taken):
                    inFlight.Enqueue(taken!);
                    break;
                case 2 when inFlight.TryDequeue(out Message? acknowledged):
                    buffer.Release(acknowledged);
                    released++;
                    break;
            }

            Assert.IsLessThanOrEqualTo(20, buffer.Count);
            Assert.IsLessThanOrEqualTo(5000L, buffer.Bytes);
        }

        long dropped = _counters.Dropped(DropReason.RelayFull) + _counters.Dropped(DropReason.Expired);
        Assert.AreEqual(added, released + buffer.Count + dropped);
        Assert.IsGreaterThan(0, dropped);
    }

    // A week without the upstream: what is too old goes over many turns, and not in that in which it is back.
    [TestMethod]
    public void TryTake_ManyHaveExpired_StopsWithTheSlice()
    {
        FakeTime time = new();
        Turn turn = new(time);
        RelayBuffer buffer = new(new GatewayLimits(), Make.Custody(_counters), new Account(long.MaxValue), "upstream", Messages.AnyTopics, turn, static _ => false);
        for (int i = 0; i < 2_000; i++)
            _ = buffer.Add(Messages.Of("t", "x", expiresMs: 0));
        _ = buffer.Add(Messages.Of("t", "new"));
        time.LookMs = 1;
        int turns = 0;
        Message? message = null;
        while (message is null)
        {
            using Turn.Scope scope = turn.Enter();
            _ = buffer.TryTake(turn.NowMs, out message);
            turns++;
        }

        Assert.IsGreaterThan(3, turns);
        Assert.AreEqual((0, 1, 2_000), (buffer.Waiting, buffer.InFlight, _counters.Dropped(DropReason.Expired)));
    }

    // Clients may take nearly all of the memory. What is acknowledged and waits on the disk is not theirs to push out, and the next one is not much.
    [TestMethod]
    public async Task Memory_TakenByOthers_NothingOnTheDiskIsDroppedForIt()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        RelayBuffer buffer = new(gateway.Broker.Limits, gateway.Custody, gateway.Broker.Owners.Nobody[Good.Memory], "upstream", Messages.AnyTopics, gateway.Broker.Turn, static _ => false);
        gateway.Look(b =>
        {
            _ = Add(buffer, 1_000);
            Account all = b.Owners[Good.Memory];
            all.Take(all.Max - 10_000 - all.Used);

            _ = Add(buffer, 1);

            Assert.AreEqual((1_001, 0L), (buffer.Waiting, gateway.Counters.Dropped(DropReason.RelayFull)));
            all.Give(all.Used);
            return 0;
        });
    }

    [TestMethod]
    public async Task Memory_ShareOfUpstreamsUsedUp_OneGoesForEachThatComes()
    {
        await using BrokerOnDisk gateway = BrokerOnDisk.StartOn(new MemoryStorage());
        Account share = new(MemoryCost.Reference * 10, new Account(long.MaxValue));
        RelayBuffer buffer = new(gateway.Broker.Limits, gateway.Custody, share, "upstream", Messages.AnyTopics, gateway.Broker.Turn, static _ => false);
        gateway.Look(b =>
        {
            _ = Add(buffer, 15);
            Assert.AreEqual((10, 5L), (buffer.Waiting, gateway.Counters.Dropped(DropReason.RelayFull)));
            share.Take(MemoryCost.Reference * 50); // another upstream, which has much in flight

            _ = Add(buffer, 1);

            Assert.AreEqual((10, 6L), (buffer.Waiting, gateway.Counters.Dropped(DropReason.RelayFull)));
            return 0;
        });
    }

    [TestMethod]
    public void Memory_TakenByOthers_NewcomerInMemoryAloneDroppedAndCounted()
    {
        Account all = new(1_000_000);
        RelayBuffer buffer = new(new GatewayLimits(), Make.Custody(_counters), new Account(500_000, all), "upstream", Messages.AnyTopics, Messages.BegunTurn(), static _ => false);
        _ = Add(buffer, 10);
        all.Take(999_000 - all.Used);

        _ = buffer.Add(Messages.Of("t", new string('x', 1_000)), out _, out bool isDropped);

        Assert.AreEqual((true, 10, 1), (isDropped, buffer.Waiting, _counters.Dropped(DropReason.RelayFull)));
    }

    [TestMethod]
    public void RelayBytesMax_NoRoomBesideWhatIsInFlight_OnlyTheNewcomerDropped()
    {
        int each = Messages.Of("t", "0").Bytes;
        RelayBuffer buffer = Create(messagesMax: 100, bytesMax: each * 10);
        _ = Add(buffer, 5);
        _ = TakeAll(buffer);
        _ = Add(buffer, 5);

        _ = buffer.Add(Messages.Of("t", new string('x', each * 6)), out _, out bool isDropped);

        Assert.AreEqual((true, 5, 5, 1), (isDropped, buffer.Waiting, buffer.InFlight, _counters.Dropped(DropReason.RelayFull)));
    }

    // One large message for which thousands of small ones have to go: over as many turns as that takes.
    [TestMethod]
    public void RelayBytesMax_ManyHaveToGoForOne_TheyGoOverManyTurns()
    {
        FakeTime time = new();
        Turn turn = new(time);
        int asked = 0;
        turn.Jobs.RunSoon = _ => asked++;
        int each = Messages.Of("t", "0000").Bytes;
        RelayBuffer buffer = new(new GatewayLimits { RelayBytesMax = each * 4_000 }, Make.Custody(_counters), new Account(long.MaxValue), "upstream", Messages.AnyTopics, turn, static _ => false);
        for (int i = 0; i < 4_000; i++)
            _ = buffer.Add(Messages.Of("t", $"{i:0000}"));
        time.LookMs = 1;
        using (turn.Enter())
            _ = buffer.Add(Messages.Of("t", new string('x', each * 3_000)));
        Assert.IsGreaterThan(2_000, buffer.Waiting);

        int turns = 0;
        for (int done = 0; done < asked; done++, turns++)
            turn.Jobs.Execute();

        Assert.IsGreaterThan(3, turns);
        Assert.IsLessThanOrEqualTo(each * 4_000L, buffer.Bytes);
        Assert.IsGreaterThan(each * 3_990L, buffer.Bytes);
        Assert.AreEqual(4_001, buffer.Waiting + _counters.Dropped(DropReason.RelayFull));
    }

    // One that an operator wants tried again was put beyond the bounds, and the oldest that waited went for the next newcomer.
    [TestMethod]
    [DataRow(2, int.MaxValue)]
    [DataRow(int.MaxValue, 2)]
    public void TakeBack_NoPlaceInTheBacklog_StaysAsideAndNothingIsDropped(int messagesMax, int messagesOfBytes)
    {
        int each = Messages.Of("t", "0").Bytes;
        RelayBuffer buffer = Create(messagesMax, messagesOfBytes == int.MaxValue ? int.MaxValue : each * messagesOfBytes);
        _ = Add(buffer, 1);
        Assert.IsTrue(buffer.SetAside(TakeAll(buffer)[0], AsideReason.Refused(0x80)));
        Message[] waiting = Add(buffer, 2);

        Assert.IsFalse(buffer.TryTakeBack(1));

        Assert.AreEqual((2, 1, 0L), (buffer.Count, buffer.SetAsides.Count, _counters.Dropped(DropReason.RelayFull)));
        _ = TakeAll(buffer);
        buffer.Release(waiting[0]);
        Assert.IsTrue(buffer.TryTakeBack(1));
        Assert.AreEqual((2, 0), (buffer.Count, buffer.SetAsides.Count));
    }

    private RelayBuffer Create(int messagesMax, int bytesMax = int.MaxValue) =>
        new(new GatewayLimits { RelayMessagesMax = messagesMax, RelayBytesMax = bytesMax }, Make.Custody(_counters), new Account(long.MaxValue), "upstream", Messages.AnyTopics, Messages.BegunTurn(), static _ => false);

    private static Message[] Add(RelayBuffer buffer, int count)
    {
        Message[] messages = [.. Enumerable.Range(0, count).Select(n => Messages.Of("t", n.ToString()))];
        foreach (Message message in messages)
            buffer.Add(message);
        return messages;
    }

    private static Message[] TakeAll(RelayBuffer buffer)
    {
        List<Message> taken = [];
        while (buffer.TryTake(Now, out Message? message))
            taken.Add(message!);
        return [.. taken];
    }
}
