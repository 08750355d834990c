using DeviceMqtt.Broker.Presence;
using DeviceMqtt.Broker.Topics;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>The presence that a new subscription is owed.</summary>
[TestClass]
public sealed class PresenceCursorTests
{
    // The subscriber had no room for it, and then got what is told now: the state of before came behind that.
    [TestMethod]
    public async Task Step_WhatWasFoundWaitedAndIsNotSoAnyMore_ItIsMadeAnew()
    {
        await using TestBroker broker = TestBroker.Start();
        _ = await broker.ConnectAsync("board");
        PresenceCursor cursor = broker.Look(static b => PresenceCursor.Open(b.Presence, new Subscription(Make.Session("s"), Make.Filter("$gw/presence/board"))))!;
        Assert.IsTrue(broker.Look(_ => cursor.Step(0)));
        byte[] before = cursor.Found!.Payload;
        Assert.IsTrue(broker.Look(_ => cursor.Step(0)));
        Assert.AreSame(before, cursor.Found.Payload);

        TestClient board = await broker.ConnectAsync("board"); // on another connection

        Assert.IsTrue(broker.Look(_ => cursor.Step(0)));
        CollectionAssert.AreNotEqual(before, cursor.Found.Payload);
        await board.DropAsync(); // it is no device: nothing is known of it any more
        Assert.IsTrue(broker.Look(_ => cursor.Step(0)));
        Assert.IsNull(cursor.Found);
        Assert.IsFalse(broker.Look(_ => cursor.Step(0)));
    }
}
