using System.Net;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>When each client was here. Where there is no room the one that left longest ago is forgotten: it was the newest one, whose place in the table was the one that had just become free.</summary>
[TestClass]
public sealed class ClientBookTests
{
    private readonly ClientBook _book = new(new Ground(new FakeTime(), new GatewayLimits()).Clock, clientsMax: 4, bytesMax: 1_000_000);
    private long _last;

    private long Come(string clientId)
    {
        _book.Opened(++_last, new IPEndPoint(IPAddress.Loopback, 1));
        _book.Connected(_last, clientId);
        return _last;
    }

    private void Leave(long connection, string clientId, CloseReason reason = CloseReason.ClientDisconnected) => _ = _book.Ended(connection, clientId, reason, detail: null);

    private void AssertNoted(params string[] expected) => CollectionAssert.AreEquivalent(expected, _book.All.ToArray());

    [TestMethod]
    public void Clients_MoreThanAreNoted_TheOneThatLeftLongestAgoGoes()
    {
        foreach (string clientId in (string[])["a", "b", "c", "d", "e", "f"])
            Leave(Come(clientId), clientId);
        AssertNoted("c", "d", "e", "f");

        Leave(Come("c"), "c");
        Leave(Come("g"), "g");
        AssertNoted("c", "e", "f", "g");
    }

    [TestMethod]
    public void Clients_OneThatIsHere_NotForgottenHoweverLongItIs()
    {
        _ = Come("here");
        foreach (string clientId in (string[])["a", "b", "c", "d", "e", "f"])
            Leave(Come(clientId), clientId);

        AssertNoted("here", "d", "e", "f");
    }

    [TestMethod]
    public void Clients_AllAreHere_AnotherIsNotNoted()
    {
        foreach (string clientId in (string[])["a", "b", "c", "d"])
            _ = Come(clientId);

        Leave(Come("e"), "e");

        AssertNoted("a", "b", "c", "d");
    }

    // The newer one found no room after the older had gone for it: nobody is here.
    [TestMethod]
    public void Client_TakenOverByOneThatDidNotGetIn_IsGone()
    {
        long first = Come("a");
        Leave(first, "a", CloseReason.SessionTakenOver);
        Assert.IsTrue(_book.Of("a")[^1].IsOver);

        long second = Come("a");
        Leave(first, "a", CloseReason.SessionTakenOver);
        Assert.IsFalse(_book.Of("a")[^1].IsOver, "the end of the older one is none of the newer one's");
        Leave(second, "a");
        Assert.AreEqual(CloseReason.ClientDisconnected, _book.Of("a")[^1].Reason);
    }
}
