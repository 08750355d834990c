using System.Text;
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
        TestClient board = await broker.ConnectAsync("board");
        PresenceCursor cursor = broker.Look(static b => PresenceCursor.Open(b.Presence, new Subscription(Make.Session("s"), Make.Filter("$gw/presence/board"))))!;
        Assert.IsTrue(broker.Look(_ => cursor.Step(0)));
        StringAssert.Contains(Encoding.UTF8.GetString(cursor.Found!.Payload), "true", StringComparison.Ordinal);

        await board.DropAsync();

        Assert.IsTrue(broker.Look(_ => cursor.Step(0)));
        StringAssert.Contains(Encoding.UTF8.GetString(cursor.Found!.Payload), "false", StringComparison.Ordinal);
        cursor.Taken(isRemembered: false);
        Assert.IsFalse(broker.Look(_ => cursor.Step(0)));
    }
}
