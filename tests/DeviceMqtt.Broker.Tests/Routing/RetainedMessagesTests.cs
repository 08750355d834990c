using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Retained;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using FsCheck.Fluent;
using FsCheck;

namespace DeviceMqtt.Broker.Tests.Routing;

[TestClass]
internal sealed class RetainedMessagesTests
{
    private sealed record Step(string Topic, int Bytes, int ExpiresInMs, string Filter);

    private static readonly Gen<Step> AnyStep =
        from topic in AnyTopic.Name
        from bytes in Gen.Choose(0, 3)
        from expires in Gen.Elements(0, 5, 20)
        from filter in AnyTopic.Filter
        select new Step(topic, bytes * 10, expires, filter);

    [TestMethod]
    public void Retained_AfterAnyChanges_CountsAndFindsAsADictionaryDoes() => Chance.CheckSteps(AnyStep, 60, 300, steps =>
    {
        GatewayLimits limits = new() { RetainedMessagesMax = 4, RetainedBytesMax = 4 * 700 };
        BrokerCounters counters = Make.Counters();
        Owners owners = new(limits);
        RetainedMessages retained = new(Make.Custody(counters), new Turn(TimeProvider.System)); // outside a turn there is no time to look for others that have expired
        Dictionary<string, Message> model = [];
        long now = 1000;
        foreach (Step step in steps)
        {
            now++;
            Message message = Make.Message(step.Topic, step.Bytes, expiresMs: step.ExpiresInMs == 0 ? long.MaxValue : now + step.ExpiresInMs);
            bool fits = (model.ContainsKey(step.Topic) || model.Count < 4)
                && model.Where(m => m.Key != step.Topic).Sum(m => (long)RetainedMessages.BytesOf(m.Value)) + RetainedMessages.BytesOf(message) <= limits.RetainedBytesMax;
            _ = model.Remove(step.Topic); // also where there is no room for the newer one: what is out of date helps nobody
            if (step.Bytes > 0 && fits)
                model[step.Topic] = message;
            Assert.AreEqual(step.Bytes == 0 || fits, retained.Set(message, owners.Nobody), $"{step}");

            Message[] expected = [.. model.Values.Where(m => Make.Filter(step.Filter).Matches(Make.Topic(m.Topic)))];
            Message[] alive = [.. expected.Where(m => !m.IsExpired(now))];
            long expiredBefore = counters.Dropped(DropReason.Expired);
            CollectionAssert.AreEquivalent(alive, Matching(retained, step.Filter, now));
            foreach (Message expired in expected.Except(alive))
                _ = model.Remove(expired.Topic);
            Assert.AreEqual(expected.Length - alive.Length, counters.Dropped(DropReason.Expired) - expiredBefore);
            Assert.AreEqual((model.Count, model.Values.Sum(m => (long)RetainedMessages.BytesOf(m))), (retained.Count, retained.Bytes));
        }
    });

    // The receiver had no room for it, and then got what had replaced it: the older one came behind that.
    [TestMethod]
    [DataRow(true), DataRow(false)]
    public void Step_WhatWasFoundWaitedAndIsNotRetainedAnyMore_ItIsPassedOver(bool isReplaced)
    {
        RetainedMessages retained = new(Make.Custody(Make.Counters()), new Turn(TimeProvider.System));
        Owner owner = new Owners(new GatewayLimits()).Nobody;
        Assert.IsTrue(retained.Set(Make.Message("t/1", 10), owner));
        RetainedCursor cursor = new(retained, new Subscription(Make.Session("s"), Make.Filter("t/#")), retained.LastNumber);
        while (cursor.Found is null)
            Assert.IsTrue(cursor.Step(0));

        Assert.IsTrue(retained.Set(Make.Message("t/1", isReplaced ? 10 : 0), owner));

        while (cursor.Step(0))
            Assert.IsNull(cursor.Found);
    }

    // A walk from beginning to end, as a new subscription makes it.
    private static List<Message> Matching(RetainedMessages retained, string filter, long nowMs)
    {
        List<Message> found = [];
        RetainedCursor cursor = new(retained, new Subscription(Make.Session("s"), Make.Filter(filter)), retained.LastNumber);
        while (cursor.Step(nowMs))
        {
            if (cursor.Found is not { } message)
                continue;
            found.Add(message);
            cursor.Taken(isRemembered: false);
        }

        return found;
    }
}
