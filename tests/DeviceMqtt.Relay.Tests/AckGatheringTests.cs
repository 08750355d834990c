using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Relay.Tests;

/// <summary>How long a read waits for more acknowledgements.</summary>
[TestClass]
public sealed class AckGatheringTests
{
    [TestMethod]
    public void NothingWaitsForRoom_NoGathering()
    {
        AckGathering acks = Gathering();

        acks.Learn(inFlight: 100, answered: 1, moreWait: false);

        Assert.AreEqual(0, acks.WaitUs);
    }

    [TestMethod]
    public void FewInFlight_NoGathering()
    {
        AckGathering acks = Gathering();

        acks.Learn(inFlight: 20, answered: 1, moreWait: true);

        Assert.AreEqual(0, acks.WaitUs);
    }

    [TestMethod]
    public void FewAnswers_WaitsLonger_ButNotForEver()
    {
        AckGathering acks = new();
        int before = -1;
        for (int i = 0; i < 100 && acks.WaitUs < AckGathering.MostUs; i++)
        {
            Assert.IsGreaterThan(before, acks.WaitUs);
            before = acks.WaitUs;
            acks.Learn(inFlight: 100, answered: 20, moreWait: true);
        }

        acks.Learn(inFlight: 100, answered: 20, moreWait: true);

        Assert.AreEqual(AckGathering.MostUs, acks.WaitUs);
    }

    [TestMethod]
    public void LongestWait_BringsFew_TheWayIsLong_NoneForAWhile_ThenTriedAgain()
    {
        AckGathering acks = new();
        while (acks.WaitUs < AckGathering.MostUs)
            acks.Learn(inFlight: 100, answered: 2, moreWait: true);

        acks.Learn(inFlight: 100, answered: 2, moreWait: true);

        int reads = 0;
        while (acks.WaitUs == 0 && reads < 1_000)
        {
            acks.Learn(inFlight: 100, answered: 2, moreWait: true);
            reads++;
        }

        Assert.AreEqual(101, reads);
    }

    [TestMethod]
    public void HalfOfThem_AsItIs()
    {
        AckGathering acks = Gathering();
        int before = acks.WaitUs;

        acks.Learn(inFlight: 100, answered: 60, moreWait: true);

        Assert.AreEqual(before, acks.WaitUs);
    }

    [TestMethod]
    public void AllOfThem_UpstreamStoodStill_WaitsLess_DownToNothing()
    {
        AckGathering acks = Gathering();

        for (int i = 0; i < 20; i++)
            acks.Learn(inFlight: 100, answered: 100, moreWait: true);

        Assert.AreEqual(0, acks.WaitUs);
    }

    [TestMethod]
    public void ReadWithoutAnswer_TellsNothing()
    {
        AckGathering acks = Gathering();
        int before = acks.WaitUs;

        acks.Learn(inFlight: 100, answered: 0, moreWait: true);

        Assert.AreEqual(before, acks.WaitUs);
    }

    private static AckGathering Gathering()
    {
        AckGathering acks = new();
        for (int i = 0; i < 10; i++)
            acks.Learn(inFlight: 100, answered: 1, moreWait: true);
        return acks;
    }
}
