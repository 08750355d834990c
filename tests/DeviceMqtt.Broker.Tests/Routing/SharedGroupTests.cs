using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Routing;

[TestClass]
internal sealed class SharedGroupTests
{
    [TestMethod]
    public void Group_Empty_ChoosesNobody() => Assert.IsNull(new SharedGroup().Choose(packetBytes: 0, QoS.AtMostOnce));

    [TestMethod]
    public void Group_MembersChange_EachStillHasItsTurn()
    {
        SharedGroup group = new();
        Session[] sessions = [.. Enumerable.Range(0, 4).Select(i => Make.Session($"{i}"))];
        foreach (Session session in sessions)
            group.Set(new Subscription(session, Make.Filter("$share/g/t")));
        _ = group.Choose(packetBytes: 0, QoS.AtMostOnce);
        _ = group.Choose(packetBytes: 0, QoS.AtMostOnce);
        Assert.IsNotNull(group.Remove(sessions[0]));
        Assert.IsNull(group.Remove(sessions[0]));
        string[] chosen = [.. Enumerable.Range(0, 6).Select(_ => group.Choose(packetBytes: 0, QoS.AtMostOnce)!.Subscriber.ClientId)];
        foreach (string id in new[] { "1", "2", "3" })
            Assert.AreEqual(2, chosen.Count(c => c == id), string.Join(' ', chosen));
    }

    [TestMethod]
    public void Group_MemberSubscribesAgain_StaysOneMember()
    {
        SharedGroup group = new();
        Session session = Make.Session("a");
        group.Set(new Subscription(session, Make.Filter("$share/g/t")));
        group.Set(new Subscription(session, Make.Filter("$share/g/t")) { Identifier = 7 });
        Assert.AreEqual(7u, group.Choose(packetBytes: 0, QoS.AtMostOnce)!.Identifier);
        Assert.IsNotNull(group.Remove(session));
        Assert.IsTrue(group.IsEmpty);
    }
}
