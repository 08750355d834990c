using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>A fault in one piece of what is done once a second keeps no other from its work, is told each time, and the piece is tried again after a pause.</summary>
[TestClass]
internal sealed class BeatWorkTests
{
    [TestMethod]
    public void Piece_Throws_OthersAreDone_AndItIsTriedAgainBehindLongerPauses()
    {
        List<(string Name, int PauseMs)> told = [];
        BeatWork beats = new((name, _, pauseMs) => told.Add((name, pauseMs)));
        List<int> tries = [];
        int others = 0;
        for (int beat = 0; beat < 100; beat++)
        {
            beats.Do("bad", () =>
            {
                tries.Add(beat);
                throw new InvalidOperationException("a fault of the gateway, made by a test");
            });
            beats.Do("good", () => others++);
        }

        Assert.AreEqual(100, others);
        CollectionAssert.AreEqual((int[])[0, 1, 3, 7, 15, 31, 61, 91], tries);
        CollectionAssert.AreEqual((int[])[1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000], told.Select(static t => t.PauseMs).ToArray());
        Assert.IsTrue(told.TrueForAll(static t => t.Name == "bad"));
    }

    [TestMethod]
    public void Piece_GetsToItsEndAgain_NextFaultHasTheShortestPause()
    {
        List<int> pauses = [];
        BeatWork beats = new((_, _, pauseMs) => pauses.Add(pauseMs));
        bool isBad = true;
        void Beat(int times)
        {
            for (int i = 0; i < times; i++)
                beats.Do("it", () => _ = isBad ? throw new InvalidOperationException("a fault of the gateway, made by a test") : 0);
        }

        Beat(4);
        isBad = false;
        Beat(8);
        isBad = true;
        Beat(1);

        CollectionAssert.AreEqual((int[])[1_000, 2_000, 4_000, 1_000], pauses);
    }

    [TestMethod]
    public async Task LookForSessions_Throws_CountedAndToldAndDoneLater()
    {
        await using TestBroker gateway = TestBroker.Start();
        gateway.ExpectsFaults = true;
        TestClient client = await gateway.ConnectAsync("a", ProtocolVersion.V5, properties: new ConnectProperties { SessionExpirySeconds = 5 });
        await client.DisconnectAsync();
        gateway.Look(static b =>
        {
            // As if it had thrown in a beat: it rests for one, then for two.
            for (int i = 0; i < 2; i++)
                b.Beats.Do("the look for Sessions and Wills whose time has come", static () => throw new InvalidOperationException("a fault of the gateway, made by a test"));
            return 0;
        });
        Assert.AreEqual(2L, gateway.Counters.JobFaults);

        gateway.Advance(60);
        Assert.IsNotNull(gateway.Look(static b => b.Sessions.Find("a")), "the look rests");
        gateway.Advance(1);
        Assert.IsNull(gateway.Look(static b => b.Sessions.Find("a")));
    }
}
