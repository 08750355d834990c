using DeviceMqtt.Broker.Budgets;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Ports;

/// <summary>What a start needs of enums is written down, since to look it up takes time. It has to be all of them.</summary>
[TestClass]
internal sealed class WrittenDownCountsTests
{
    [TestMethod]
    public void Counts_AreThoseOfTheEnums()
    {
        Assert.AreEqual(DropReasons.Count, Enum.GetValues<DropReason>().Length);
        Assert.AreEqual(DropReasons.Count - 1, (int)Enum.GetValues<DropReason>().Max());
        Assert.AreEqual(BrokerCounters.CloseReasonCount, Enum.GetValues<CloseReason>().Length);
        Assert.AreEqual(BrokerCounters.CloseReasonCount - 1, (int)Enum.GetValues<CloseReason>().Max());
    }

    [TestMethod]
    public void Owners_HaveAnAccountForEachGood()
    {
        Owners owners = new(new GatewayLimits());
        foreach (Good good in Enum.GetValues<Good>())
        {
            Assert.IsTrue(owners[good].Max > 0, $"{good}");
            Assert.IsTrue(owners.Nobody[good].Max >= 0, $"{good}");
        }
    }
}
