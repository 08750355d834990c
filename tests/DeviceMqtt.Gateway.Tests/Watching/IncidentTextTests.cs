using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>What the sentence about an incident says where little is known of it.</summary>
[TestClass]
internal sealed class IncidentTextTests
{
    private const long Now = 1_800_000_000_000;

    [TestMethod]
    [DataRow(DropReason.Damaged)]
    [DataRow(DropReason.AsideFull)]
    public void Incident_OfADropWithoutATopic_IsAWholeSentence(DropReason reason)
    {
        Note? note = IncidentRules.Look(new Incident(WatchEvents.KindOf(reason)!.Value, "pump", Now) { Count = 3 }, Now, Now);

        Assert.DoesNotContain(" .", note!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("on :", note.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("the last on", note.Text, StringComparison.Ordinal);
    }

    [TestMethod]
    public void Incident_MessagesSetAsideFoundNoRoom_SaysWhichBound()
    {
        Note? note = IncidentRules.Look(new Incident(WatchEvents.KindOf(DropReason.AsideFull)!.Value, "cloud", Now) { Count = 3, Detail = "a/b" }, Now, Now);

        StringAssert.Contains(note?.Do, "Limits:RelayAsideMessagesMax", StringComparison.Ordinal);
        StringAssert.Contains(note?.Do, "Limits:RelayAsideBytesMax", StringComparison.Ordinal);
    }
}
