using DeviceMqtt.Broker.Turns;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>Who waits for room is woken in the turn that finds some, in its order, and not all at once.</summary>
[TestClass]
public sealed class RoomLineTests
{
    [TestMethod]
    public void Room_ThereIsSome_TheFirstAreWokenAndTheOthersBehindTheNextTurns()
    {
        bool isFull = true;
        List<int> woken = [];
        RoomLine line = new() { IsFull = () => isFull };
        for (int i = 0; i < RoomLine.WokenMax + 10; i++)
            Wait(i);
        line.Look();
        Assert.IsEmpty(woken);

        isFull = false;
        line.Look();

        CollectionAssert.AreEqual(Enumerable.Range(0, RoomLine.WokenMax).ToArray(), woken);
        isFull = true;
        Wait(0); // behind those that have waited for longer
        line.Look();
        Assert.HasCount(RoomLine.WokenMax, woken);
        isFull = false;
        line.Look();
        CollectionAssert.AreEqual((int[])[.. Enumerable.Range(0, RoomLine.WokenMax + 10), 0], woken);
        Assert.AreEqual(0, line.Count);

        void Wait(int i) => line.Wait($"{i}", () => woken.Add(i));
    }

    [TestMethod]
    public void Wait_ThereIsRoomOrItHasLeft_NobodyIsWoken()
    {
        bool isFull = false;
        int woken = 0;
        RoomLine line = new() { IsFull = () => isFull };
        line.Wait("one", () => woken++); // what it wants is more than there is: its own looks are for that
        isFull = true;
        line.Wait("two", () => woken++);
        line.Wait("two", () => woken++);
        line.Leave("two");
        isFull = false;
        line.Look();

        Assert.AreEqual((0, 0), (woken, line.Count));
    }
}
