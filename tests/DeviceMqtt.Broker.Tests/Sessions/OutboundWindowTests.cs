using System.Runtime.CompilerServices;
using DeviceMqtt.Broker.Flows;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Broker.Tests.Sessions;

/// <summary>The window of messages in flight: identifiers in order, never twice, acknowledged in any order.</summary>
[TestClass]
internal sealed class OutboundWindowTests
{
    private static readonly Inflight Sent = new() { State = InflightState.AwaitsPubAck };

    private static ushort Add(OutboundWindow window, int windowMax = int.MaxValue)
    {
        Assert.IsTrue(window.TryAdd(Sent, windowMax, out ushort packetId));
        return packetId;
    }

    [TestMethod]
    public void PacketIds_InSequence_WrapFrom65535To1()
    {
        OutboundWindow window = new();
        for (int i = 1; i <= ushort.MaxValue; i++)
        {
            Assert.AreEqual(i, Add(window));
            window.Remove((ushort)i);
        }

        Assert.AreEqual(1, Add(window));
    }

    [TestMethod]
    public void PacketIds_InFlightAcrossTheWrap_InOrderAndRightlyCounted()
    {
        OutboundWindow window = new();
        for (int i = 1; i <= 65_530; i++)
            window.Remove(Add(window));
        ushort[] added = [.. Enumerable.Range(0, 20).Select(_ => Add(window))];
        CollectionAssert.AreEqual(new ushort[] { 65_531, 65_532, 65_533, 65_534, 65_535, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 }, added);
        CollectionAssert.AreEqual(added, window.InOrder().ToArray());
        Assert.IsTrue(Unsafe.IsNullRef(ref window.Find(0)));
        window.Remove(65_531);
        window.Remove(3);
        CollectionAssert.AreEqual(added.Except(new ushort[] { 65_531, 3 }).ToArray(), window.InOrder().ToArray());
        Assert.AreEqual(18, window.Count);
    }

    [TestMethod]
    public void Window_Full_TakesNoMore()
    {
        OutboundWindow window = new();
        for (int i = 0; i < 3; i++)
            _ = Add(window, windowMax: 3);
        Assert.IsFalse(window.HasRoom(3));
        Assert.IsFalse(window.TryAdd(Sent, 3, out _));
        window.Remove(2);
        Assert.IsTrue(window.HasRoom(3));
        Assert.AreEqual(4, Add(window, windowMax: 3)); // not 2: identifiers go on
    }

    [TestMethod]
    public void Window_OldestNeverAcknowledged_StopsBeforeItsIdentifierComesAgain()
    {
        OutboundWindow window = new();
        ushort oldest = Add(window);
        int taken = 1;
        while (window.TryAdd(Sent, 10, out ushort packetId))
        {
            taken++;
            Assert.AreNotEqual(oldest, packetId);
            window.Remove(packetId);
        }

        Assert.AreEqual(OutboundWindow.SpanMax, taken);
        Assert.IsFalse(window.HasRoom(10));
        window.Remove(oldest);
        Assert.IsTrue(window.HasRoom(10));
        Assert.AreEqual(OutboundWindow.SpanMax + 1, Add(window));
    }

    private sealed record Step(bool Add, int Which, int Repeat);

    private static readonly Gen<Step> AnyStep =
        from add in Gen.Elements(true, false)
        from which in Gen.Choose(0, 1_000_000)
        from repeat in Gen.Frequency((20, Gen.Choose(1, 20)), (1, Gen.Choose(1, 9_000)))
        select new Step(add, which, repeat);

    [TestMethod]
    public void Window_AfterAnyFlow_IsAsADictionary() => Chance.CheckSteps(AnyStep, 40, 150, steps =>
    {
        OutboundWindow window = new();
        List<ushort> model = []; // in the order sent
        ushort last = 0;
        foreach (Step step in steps)
        {
            for (int i = 0; i < step.Repeat; i++)
            {
                if (step.Add)
                {
                    if (!window.TryAdd(Sent, 5000, out ushort packetId))
                        break;
                    Assert.AreEqual(last == ushort.MaxValue ? 1 : last + 1, packetId);
                    last = packetId;
                    model.Add(packetId);
                }
                else if (model.Count > 0)
                {
                    int which = (step.Which + (i * 7)) % Math.Min(model.Count, 50);
                    window.Remove(model[which]);
                    Assert.IsTrue(Unsafe.IsNullRef(ref window.Find(model[which])));
                    model.RemoveAt(which);
                }
            }

            Assert.AreEqual(model.Count, window.Count);
            CollectionAssert.AreEqual(model, window.InOrder().ToArray());
            foreach (ushort packetId in model.Take(5).Concat(model.TakeLast(5)))
                Assert.IsFalse(Unsafe.IsNullRef(ref window.Find(packetId)));
        }
    });
}
