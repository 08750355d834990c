using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>A journal may have more than the default of the journal's own options: what was salvaged of 512 MB found no room in 256.</summary>
[TestClass]
public sealed class SalvageRoomTests
{
    [TestMethod]
    public void Salvage_HasRoomForTheLargestJournalThatMayBeSet()
    {
        LimitBound bound = new GatewayLimits().Bounds().Single(static b => b.Name == nameof(GatewayLimits.JournalBytesMax));
        Assert.IsGreaterThanOrEqualTo(bound.Max, JournalCommand.OfSalvage.BytesMax);
        Assert.AreEqual(0, JournalCommand.OfSalvage.FreeFloorBytes);
    }
}
