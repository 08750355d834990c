using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Tracing;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>The ring forgets the oldest and never takes more than it may; a story is put together of what the ring has.</summary>
[TestClass]
public sealed class TraceTests
{
    private static readonly DropOwner Kitchen = DropOwner.Client("kitchen");

    private static TraceEvent Accepted(uint number, string topic, string from = "anna") =>
        new() { Kind = TraceKind.Accepted, Number = number, Topic = topic, Name = from, Ms = number, More = 1, Code = TraceBook.NotAnswered, Charge = TraceRing.EventBytes + (2 * topic.Length) };

    private static TraceEvent Handed(uint number, DropOwner owner, DeliveryResult result, int packetId, long entry = 0) =>
        new() { Kind = TraceKind.Handed, Number = number, Entry = entry, Name = owner.Name, Of = (byte)owner.Kind, Code = (byte)result, More = 1, Value = packetId, Ms = number + 1, Charge = TraceRing.EventBytes };

    private static TraceEvent Acknowledged(DropOwner owner, int packetId, PacketType type = PacketType.PubAck, bool isError = false) =>
        new() { Kind = TraceKind.Acknowledged, Name = owner.Name, Of = (byte)owner.Kind, Code = (byte)type, More = isError ? (byte)1 : (byte)0, Value = packetId, Ms = 100, Charge = TraceRing.EventBytes };

    private static TraceStory Story(params TraceEvent[] events)
    {
        TraceStories stories = new(1_000_000);
        foreach (TraceEvent happened in events)
            stories.Take(happened, isWanted: true);
        return stories.All.Last!.Value;
    }

    [TestMethod]
    public void Ring_Full_TheOldestGo()
    {
        TraceRing ring = new(64 * 1024);

        for (uint i = 1; i <= 5_000; i++)
            ring.Add(Accepted(i, "t"));

        Assert.IsLessThanOrEqualTo(ring.BytesMax, ring.Bytes);
        Assert.AreEqual(5_000u, ring.At(ring.Next - 1).Number);
        Assert.AreEqual(5_000 - (ring.Next - ring.First) + 1, ring.At(ring.First).Number);
        Assert.IsGreaterThan(900, ring.Next - ring.First);
    }

    [TestMethod]
    public void Ring_LongTopics_CountWithTheirCharacters()
    {
        TraceRing ring = new(64 * 1024);

        for (uint i = 1; i <= 100; i++)
            ring.Add(Accepted(i, new string('t', 8_000)));

        Assert.IsLessThanOrEqualTo(4, ring.Next - ring.First);
        Assert.IsLessThanOrEqualTo(ring.BytesMax, ring.Bytes);
    }

    [TestMethod]
    public void Story_SentAndAcknowledged_Delivered()
    {
        TraceStory story = Story(Accepted(1, "a/b"), Handed(1, Kitchen, DeliveryResult.Sent, 7), Acknowledged(Kitchen, 7));

        Assert.AreEqual(TraceEnd.Delivered, story.Ways[0].End);
        Assert.AreEqual("Handed,Acknowledged", string.Join(',', story.Ways[0].Steps.Select(static s => s.Kind)));
    }

    [TestMethod]
    public void Story_PacketIdOfAnother_NotItsAcknowledgement()
    {
        TraceStory story = Story(Accepted(1, "a/b"), Handed(1, Kitchen, DeliveryResult.Sent, 7), Acknowledged(Kitchen, 8), Acknowledged(DropOwner.Client("hall"), 7), Acknowledged(DropOwner.Upstream("kitchen"), 7));

        Assert.AreEqual(TraceEnd.Sent, story.Ways[0].End);
    }

    [TestMethod]
    public void Story_PacketIdUsedAgain_AcknowledgementIsOfTheNewer()
    {
        TraceStories stories = new(1_000_000);
        foreach (TraceEvent happened in (TraceEvent[])[Accepted(1, "a"), Handed(1, Kitchen, DeliveryResult.Sent, 7), Accepted(2, "b"), Handed(2, Kitchen, DeliveryResult.Sent, 7), Acknowledged(Kitchen, 7)])
            stories.Take(happened, isWanted: true);

        Assert.AreEqual("Sent,Delivered", string.Join(',', stories.All.Select(static s => s.Ways[0].End)));
    }

    // A board without a Session was sent A as packet 1 and was gone; what it got next as packet 1 was of no interest, and its PUBACK made A delivered.
    [TestMethod]
    public void Story_PacketIdUsedAgainByOneThatIsNotLookedFor_NotDelivered()
    {
        TraceStories stories = new(1_000_000);
        stories.Take(Accepted(1, "a"), isWanted: true);
        foreach (TraceEvent happened in (TraceEvent[])[Handed(1, Kitchen, DeliveryResult.Sent, 1), Accepted(2, "b"), Handed(2, Kitchen, DeliveryResult.Sent, 1), Acknowledged(Kitchen, 1)])
            stories.Take(happened, isWanted: false);

        Assert.AreEqual(TraceEnd.Sent, stories.All.First!.Value.Ways[0].End);
    }

    [TestMethod]
    public void Story_DroppedOrWaitsAgainWhileInFlight_NoAcknowledgementIsItsOwn()
    {
        TraceEvent held = new() { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Position = 5, Ms = 2 };
        TraceEvent expired = new() { Kind = TraceKind.Dropped, Number = 1, Entry = 9, Name = "kitchen", Code = (byte)DropReason.Expired, Ms = 3 };

        Assert.AreEqual(TraceEnd.Expired, Story(Accepted(1, "a"), held, Handed(1, Kitchen, DeliveryResult.Sent, 1, entry: 9), expired, Acknowledged(Kitchen, 1)).Ways[0].End);
        Assert.AreEqual(TraceEnd.Waits, Story(Accepted(1, "a"), held, Handed(1, Kitchen, DeliveryResult.Sent, 1, entry: 9), held, Acknowledged(Kitchen, 1)).Ways[0].End);
    }

    [TestMethod]
    public void Story_SessionEndsInFlight_NotDeliveredUnlessPubRecCame()
    {
        TraceEvent ended = new() { Kind = TraceKind.FlowEnded, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Ms = 5 };
        TraceEvent held = new() { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Position = 5, Ms = 2 };

        Assert.AreEqual(TraceEnd.Sent, Story(Accepted(1, "a"), Handed(1, Kitchen, DeliveryResult.Sent, 1), ended, Acknowledged(Kitchen, 1)).Ways[0].End);
        Assert.AreEqual(TraceEnd.Waits, Story(Accepted(1, "a"), held, Handed(1, Kitchen, DeliveryResult.Sent, 1), ended, Acknowledged(Kitchen, 1)).Ways[0].End);
        Assert.AreEqual(TraceEnd.Delivered, Story(Accepted(1, "a"), Handed(1, Kitchen, DeliveryResult.Sent, 1), Acknowledged(Kitchen, 1, PacketType.PubRec), ended).Ways[0].End);
    }

    // It said delivered, and below that its Session had ended before it was acknowledged.
    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public void Story_SessionEndsBehindPubRec_NoStepSaysItWasNotAcknowledged(bool isHeld)
    {
        TraceEvent ended = new() { Kind = TraceKind.FlowEnded, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Ms = 5 };
        TraceEvent held = new() { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Position = 5, Ms = 2 };
        TraceEvent settled = new() { Kind = TraceKind.Settled, Number = 1, Entry = 9, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Code = Outcome.Delivered.Value, Ms = 4 };
        TraceEvent handed = Handed(1, Kitchen, DeliveryResult.Sent, 1, entry: isHeld ? 9 : 0);
        TraceEvent received = Acknowledged(Kitchen, 1, PacketType.PubRec);

        TraceWay way = (isHeld ? Story(Accepted(1, "a"), held, handed, received, settled, ended) : Story(Accepted(1, "a"), handed, received, ended)).Ways[0];

        Assert.AreEqual(TraceEnd.Delivered, way.End);
        Assert.IsFalse(way.Steps.Exists(static step => step.Kind == TraceKind.FlowEnded));
    }

    // A command is answered before its PUBACK comes, and then the link breaks.
    [TestMethod]
    public void Story_SessionEndsBehindTheAnswer_StaysDelivered()
    {
        TraceEvent ended = new() { Kind = TraceKind.FlowEnded, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Ms = 5 };
        TraceEvent held = new() { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Position = 5, Ms = 2 };
        TraceEvent settled = new() { Kind = TraceKind.Settled, Number = 1, Entry = 9, Name = "kitchen", Of = (byte)DropOwnerKind.Client, Code = Outcome.Delivered.Value, Ms = 4 };

        TraceWay way = Story(Accepted(1, "a"), held, Handed(1, Kitchen, DeliveryResult.Sent, 1, entry: 9), settled, ended).Ways[0];

        Assert.AreEqual(TraceEnd.Delivered, way.End);
        Assert.IsFalse(way.Steps.Exists(static step => step.Kind == TraceKind.FlowEnded));
    }

    [TestMethod]
    public void Story_PubRec_NotTheEnd()
    {
        TraceStory story = Story(Accepted(1, "a/b"), Handed(1, Kitchen, DeliveryResult.Sent, 7), Acknowledged(Kitchen, 7, PacketType.PubRec));

        Assert.AreEqual(TraceEnd.Sent, story.Ways[0].End);
    }

    [TestMethod]
    public void Story_Refused_Dropped()
    {
        TraceStory story = Story(Accepted(1, "a/b"), Handed(1, Kitchen, DeliveryResult.Sent, 7), Acknowledged(Kitchen, 7, PacketType.PubAck, isError: true));

        Assert.AreEqual(TraceEnd.Dropped, story.Ways[0].End);
    }

    [TestMethod]
    public void Story_DropToldTwice_OneStep()
    {
        TraceStory story = Story(
            Accepted(1, "a/b"),
            new TraceEvent { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Position = 5, Ms = 2 },
            new TraceEvent { Kind = TraceKind.Dropped, Number = 1, Entry = 9, Name = "kitchen", Code = (byte)DropReason.Expired, Ms = 3 },
            new TraceEvent { Kind = TraceKind.Settled, Number = 0, Entry = 9, Code = Outcome.Drop(DropReason.Expired).Value, Ms = 3 });

        Assert.AreEqual(TraceEnd.Expired, story.Ways[0].End);
        Assert.HasCount(2, story.Ways[0].Steps);
    }

    [TestMethod]
    public void Story_PagedOut_KnownByItsEntry()
    {
        TraceStory story = Story(
            Accepted(1, "a/b"),
            new TraceEvent { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Position = 5, Ms = 2 },
            Handed(0, Kitchen, DeliveryResult.Sent, 3, entry: 9),
            Acknowledged(Kitchen, 3));

        Assert.AreEqual(TraceEnd.Delivered, story.Ways[0].End);
    }

    [TestMethod]
    public void Story_Durable_WhenThePositionIsReached()
    {
        TraceEvent held = new() { Kind = TraceKind.Held, Number = 1, Entry = 9, Name = "kitchen", Position = 5, Ms = 2 };

        Assert.AreEqual(-1, Story(Accepted(1, "a"), held, new TraceEvent { Kind = TraceKind.Durable, Position = 4, Ms = 20 }).DurableMs);
        Assert.AreEqual(21, Story(Accepted(1, "a"), held, new TraceEvent { Kind = TraceKind.Durable, Position = 5, Ms = 21 }).DurableMs);
    }

    [TestMethod]
    public void Story_HundredSubscribers_SaysThatThereAreMore()
    {
        TraceStories stories = new(10_000_000);
        stories.Take(Accepted(1, "a"), isWanted: true);
        for (int i = 0; i < 100; i++)
            stories.Take(Handed(1, DropOwner.Client($"c{i}"), DeliveryResult.Sent, 1), isWanted: false);

        Assert.HasCount(TraceStory.WaysMax, stories.All.First!.Value.Ways);
        Assert.IsTrue(stories.All.First!.Value.HasMoreWays);
    }

    [TestMethod]
    public void Stories_MoreThanTheyMayTake_TheOldestGo()
    {
        TraceStories stories = new(20_000);

        for (uint i = 1; i <= 1_000; i++)
        {
            stories.Take(Accepted(i, "a"), isWanted: true);
            stories.Take(Handed(i, Kitchen, DeliveryResult.Sent, (int)i), isWanted: false);
        }

        Assert.IsLessThanOrEqualTo(20_000, stories.Bytes);
        Assert.AreEqual(1_000u, stories.All.Last!.Value.Number);
        Assert.IsGreaterThan(10, stories.All.Count);
    }

    [TestMethod]
    public void Book_UsesAnotherRing_ItIsEmptyAndWithoutOneTheBrokerKnowsOfNobody()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions { BytesMax = 65_536 }, ground.Counters, ground.Turn);
        using TestFlood flood = new(ground);
        Assert.AreEqual(1, flood.Send(1));
        TraceRing? ring = book.Ring;

        book.Use(65_536);
        Assert.AreSame(ring, book.Ring, "nothing has changed");

        book.Use(0);
        Assert.IsNull(book.Ring);
        Assert.IsNull(ground.Counters.Trace);

        book.Use(131_072);
        Assert.AreSame(book, ground.Counters.Trace);
        Assert.AreEqual(131_072, book.Ring?.BytesMax);
        book.Answered(1, Kept.NotNeeded, ReasonCode.Success); // of a message whose coming is in no ring any more
        Assert.AreEqual(1, book.Ring!.Next);
        Assert.AreEqual(1, flood.Send(1));
    }

    [TestMethod]
    public void Book_Steps_AllocateNothing()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions { BytesMax = 65_536 }, ground.Counters, ground.Turn);
        Steps(2_000); // makes what is made once

        long before = GC.GetAllocatedBytesForCurrentThread();
        Steps(10_000);

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Steps(int count)
        {
            for (uint i = 1; i <= count; i++)
            {
                book.Handed(i, entry: 0, Kitchen, DeliveryResult.Sent, QoS.AtLeastOnce, packetId: 1);
                book.Acknowledged(Kitchen, PacketType.PubAck, packetId: 1, isError: false);
            }
        }
    }

    [TestMethod]
    public void Book_Flood_NotesSomeAndCountsTheOthers()
    {
        FakeTime time = new();
        Ground ground = new(time, new GatewayLimits());
        TraceBook book = new(new TraceOptions(), ground.Counters, ground.Turn);
        using TestFlood flood = new(ground);

        int noted = flood.Send(20_000);
        Assert.IsLessThan(20_000, noted);
        Assert.AreEqual(20_000 - noted, book.Skipped);

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual(1, flood.Send(1), "a second later there is room again");
    }

    [TestMethod]
    public void Book_FloodToMany_CountsWhatItNotesForEach()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions(), ground.Counters, ground.Turn);
        using TestFlood flood = new(ground);
        int noted = 0;
        for (uint i = 1; flood.Send(1) == 1; i++)
        {
            noted++;
            for (int receiver = 0; receiver < 200; receiver++)
                book.Handed(i, entry: 0, Kitchen, DeliveryResult.Sent, QoS.AtMostOnce, packetId: 0);
        }

        Assert.IsLessThanOrEqualTo(TraceBook.StepsPerSecondMax / 200, noted);
    }

    /// <summary>Each message had its time from two clocks that were read anew: those of one millisecond got two times, and stood there in two parts, the later one first.</summary>
    [TestMethod]
    public async Task Rows_ClockThatTicksMeanwhile_MessagesOfOneMomentStayInOrder()
    {
        Ground ground = new(new TickingTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions(), ground.Counters, ground.Turn);
        using TraceRows rows = new(book, ground.Turn, ground.Clock, ground.Limits);
        using TestFlood flood = new(ground);
        _ = flood.Send(5);

        TraceShapes.Trace found = await rows.FindAsync(new TraceQuestion(ClientId: null, Filter: null, CommandId: null, MinutesMax: 60, Limit: 100), CancellationToken.None);

        Assert.HasCount(1, found.Messages.Select(static message => message.Time).Distinct());
        Assert.AreSequenceEqual([4, 3, 2, 1, 0], found.Messages.Select(static message => message.Bytes));
    }

    /// <summary>A wall clock that goes on by a millisecond each time that somebody looks, beside one that stands.</summary>
    private sealed class TickingTime : TimeProvider
    {
        private DateTimeOffset _now = DateTimeOffset.UnixEpoch.AddYears(56);

        public override long GetTimestamp() => 5_000 * TimestampFrequency / 1000;

        public override DateTimeOffset GetUtcNow() => _now += TimeSpan.FromMilliseconds(1);
    }

    [TestMethod]
    public void Book_BacklogThatGoes_IsAFloodToo()
    {
        Ground ground = new(new FakeTime(), new GatewayLimits());
        TraceBook book = new(new TraceOptions(), ground.Counters, ground.Turn);
        using Turn.Scope scope = ground.Turn.Enter();
        int followed = 0;
        for (int entry = 1; entry <= TraceBook.StepsPerSecondMax; entry++)
        {
            uint number = book.Found();
            book.Handed(number, entry, Kitchen, DeliveryResult.Sent, QoS.AtLeastOnce, packetId: 1);
            book.Settled(number, entry, Outcome.Delivered);
            followed += number == DeviceMqtt.Broker.Ports.IMessageTrace.NotFollowed ? 0 : 1;
        }

        Assert.IsGreaterThan(1_000, followed);
        Assert.IsLessThanOrEqualTo(TraceBook.StepsPerSecondMax / 2, followed);
        Assert.AreEqual(TraceBook.StepsPerSecondMax - followed, book.Skipped);
    }

    /// <summary>Messages of nobody in particular, one after the other, in a turn each.</summary>
    private sealed class TestFlood(Ground ground) : IDisposable
    {
        private readonly DeviceMqtt.Broker.Topics.RouteCache _routes = new(new DeviceMqtt.Broker.Topics.TopicTree(), ground.Limits);

        private readonly byte[] _payload = new byte[16];

        /// <summary>The first is empty, the second has a byte, and so on up to 16.</summary>
        public int Send(int count)
        {
            int noted = 0;
            using Turn.Scope scope = ground.Turn.Enter();
            for (int i = 0; i < count; i++)
            {
                DeviceMqtt.Broker.Topics.Publication publication = new() { Route = _routes.Get("a"), QoS = QoS.AtMostOnce, Payload = _payload.AsSpan(0, Math.Min(i, _payload.Length)), NowMs = ground.Turn.NowMs };
                noted += ground.Counters.Trace!.Accepted(publication) == DeviceMqtt.Broker.Ports.IMessageTrace.NotFollowed ? 0 : 1;
            }

            return noted;
        }

        public void Dispose() => ground.Counters.Trace = null;
    }
}
