using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using FsCheck.Fluent;
using FsCheck;

namespace DeviceMqtt.Broker.Tests.Sessions;

[TestClass]
internal sealed class MessageQueueTests
{
    private sealed record Step(int Action, int Bytes, int LivesMs);

    private static readonly Gen<Step> AnyStep =
        from action in Gen.Frequency((6, Gen.Constant(0)), (4, Gen.Constant(1)), (1, Gen.Constant(2)))
        from bytes in Gen.Choose(0, 400)
        from lives in Gen.Elements(0, 0, 3)
        select new Step(action, bytes, lives);

    [TestMethod]
    public void Queue_AfterAnyUse_BoundedInOrderAndEveryDropCounted() => Chance.CheckSteps(AnyStep, 80, 300, steps =>
    {
        BrokerCounters counters = Make.Counters();
        Owners owners = new(new GatewayLimits { QueueBytesTotalMax = 1500 });
        owners.Restored[Good.QueueBytes].Take(300); // others wait too
        MessageQueue queue = new(DropOwner.Client("c"), 5, 1600, owners.Nobody, Make.Custody(counters), DropReason.SessionQueueFull);
        List<Message> model = [];
        int entered = 0, left = 0;
        FakeTime time = new();
        Turn turn = new(time);
        foreach (Step step in steps)
        {
            time.Advance(TimeSpan.FromMilliseconds(1));
            using Turn.Scope scope = turn.Enter();
            long now = turn.NowMs;
            switch (step.Action)
            {
                case 0:
                    entered++;
                    Message message = Make.Message(payloadBytes: step.Bytes, expiresMs: step.LivesMs == 0 ? long.MaxValue : now + step.LivesMs);
                    while (model.Count > 0 && (model.Count >= 5 || model.Sum(m => m.Bytes) + message.Bytes > 1600))
                        model.RemoveAt(0);
                    bool fits = model.Sum(m => m.Bytes) + message.Bytes + 300 <= 1500;
                    if (fits)
                        model.Add(message);
                    Assert.AreEqual(fits, queue.Enqueue(Make.Queued(message)));
                    break;
                case 1:
                    _ = model.RemoveAll(m => model.IndexOf(m) < model.FindIndex(o => !o.IsExpired(now)) || model.TrueForAll(o => o.IsExpired(now)));
                    bool expected = model.Count > 0;
                    Assert.AreEqual(expected, queue.TryDequeue(turn, out QueuedMessage next));
                    if (expected)
                    {
                        left++;
                        Assert.AreSame(model[0], next.Message);
                        model.RemoveAt(0);
                    }

                    break;
                default:
                    queue.Clear(DropReason.SessionEnded);
                    model.Clear();
                    break;
            }

            Assert.AreEqual((model.Count, model.Sum(m => m.Bytes)), (queue.Count, queue.Bytes));
            Assert.AreEqual(queue.Bytes + 300L, owners[Good.QueueBytes].Used);
            long dropped = Enum.GetValues<DropReason>().Sum(counters.Dropped);
            Assert.AreEqual(entered, left + queue.Count + dropped, "what came in has left, waits, or was counted as dropped");
        }
    });

    // It was told by the number of messages alone, and nearly all queues are full of bytes long before.
    [TestMethod]
    public void Fullness_OfTheBoundThatIsNearest()
    {
        GatewayLimits limits = new() { QueueBytesTotalMax = 1_000_000, SharePercentMax = 10 };
        Owners owners = new(limits);
        MessageQueue Of(int messagesMax, int bytesMax, Owner owner) => new(DropOwner.Client("c"), messagesMax, bytesMax, owner, Make.Custody(Make.Counters()), DropReason.SessionQueueFull);

        MessageQueue byBytes = Of(200_000, 10_000, owners.Nobody);
        _ = byBytes.Enqueue(Make.Queued(Make.Message(payloadBytes: 8_000)));
        Assert.AreEqual(FullBound.Bytes, byBytes.Fullness.Bound);
        Assert.AreEqual(byBytes.Bytes / 10_000.0, byBytes.Fullness.Part);

        MessageQueue byCount = Of(4, 1_000_000, owners.Nobody);
        for (int i = 0; i < 3; i++)
            _ = byCount.Enqueue(Make.Queued(Make.Message()));
        Assert.AreEqual(new Fullness(0.75, FullBound.Messages), byCount.Fullness);

        Owner maria = owners.At(new System.Net.IPEndPoint(System.Net.IPAddress.Parse("192.0.2.1"), 1));
        MessageQueue byShare = Of(200_000, 1_000_000, maria);
        MessageQueue small = Of(200_000, 1_000_000, maria);
        for (int i = 0; i < 9; i++)
            _ = byShare.Enqueue(Make.Queued(Make.Message(payloadBytes: 9_000)));
        _ = small.Enqueue(Make.Queued(Make.Message(payloadBytes: 10)));
        Assert.AreEqual(FullBound.Share, byShare.Fullness.Bound);
        Assert.IsGreaterThan(0.8, byShare.Fullness.Part);
        Assert.AreEqual(FullBound.Bytes, small.Fullness.Bound, "its user's share is no trouble of this one");
    }

    [TestMethod]
    public void Queue_HalfFull_ByCountOrBytes()
    {
        Owner budget = new Owners(new GatewayLimits()).Nobody;
        MessageQueue byCount = new(DropOwner.Client("c"), 4, 1_000_000, budget, Make.Custody(Make.Counters()), DropReason.SessionQueueFull);
        byCount.Enqueue(Make.Queued(Make.Message()));
        Assert.IsFalse(byCount.IsFilling);
        byCount.Enqueue(Make.Queued(Make.Message()));
        Assert.IsTrue(byCount.IsFilling);

        MessageQueue byBytes = new(DropOwner.Client("c"), 1000, 4000, budget, Make.Custody(Make.Counters()), DropReason.SessionQueueFull);
        byBytes.Enqueue(Make.Queued(Make.Message(payloadBytes: 1500)));
        Assert.IsFalse(byBytes.IsFilling);
        byBytes.Enqueue(Make.Queued(Make.Message(payloadBytes: 500)));
        Assert.IsTrue(byBytes.IsFilling);
    }
}
