using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>Which Sessions of an upstream with several nodes are those of the last connection.</summary>
[TestClass]
public sealed class OwnSessionTests
{
    private const string A = "mqtt://a:1883";
    private const string B = "mqtt://b:1883";

    [TestMethod]
    public void Node_ComesBackWithItsSessionOfBefore_IsOldUntilItHasNone()
    {
        OwnSession own = Of(shares: false, A, B);
        AssertOwn(own, A, isPresent: false);
        AssertOwn(own, A, isPresent: true);
        AssertOld(own, B); // from a run before
        AssertOld(own, B);
        AssertOld(own, A); // what it has open is from before B
        AssertOwn(own, A, isPresent: false);
        AssertOwn(own, A, isPresent: true);
    }

    [TestMethod]
    public void Start_WithSeveralNodes_NobodyKnowsWhichWasTheLast() => AssertOld(Of(shares: false, A, B), A);

    [TestMethod]
    [DataRow(true, new[] { A, B }, "generic")]
    [DataRow(false, new[] { A }, "generic")]
    [DataRow(false, new[] { A, B }, "nats")]
    public void CommonSessions_EachIsOurs(bool shares, string[] nodes, string profile)
    {
        OwnSession own = Of(shares, nodes, profile);
        AssertOwn(own, nodes[^1], isPresent: true);
        AssertOwn(own, nodes[0], isPresent: true);
    }

    [TestMethod]
    public void OldSession_OfQoS0Only_StaysAtQoS0()
    {
        UplinkTerms terms = Of(shares: false, A, B).Judge(Terms(A, isPresent: true) with { QoSMax = QoS.AtMostOnce }, isUnknown: false);
        Assert.AreEqual(QoS.AtMostOnce, terms.QoSMax);
    }

    // An upstream that stays there answers with its Session again and again: nothing tells which of its identifiers are of after the backup.
    [TestMethod]
    public void RestoredFromABackup_IsOldUntilItHasNone()
    {
        OwnSession own = Of(shares: true, A);
        for (int connection = 0; connection < 2; connection++)
        {
            UplinkTerms terms = own.Judge(Terms(A, isPresent: true), isUnknown: true);
            Assert.AreEqual((false, true, true, QoS.AtLeastOnce), (terms.SessionPresent, terms.IsOldSession, terms.IsSameNode, terms.QoSMax));
        }

        UplinkTerms anew = Terms(A, isPresent: false);
        Assert.AreSame(anew, own.Judge(anew, isUnknown: true));
        AssertOwn(own, A, isPresent: true);
    }

    private static OwnSession Of(bool shares, params string[] nodes) => Of(shares, nodes, "generic");

    private static OwnSession Of(bool shares, string[] nodes, string profile) => new(new RelayOptions { Addresses = [.. nodes], SharesSessions = shares, Profile = profile });

    private static UplinkTerms Terms(string node, bool isPresent) => new(UpstreamAddress.Parse(node), ProtocolVersion.V5, isPresent);

    private static void AssertOwn(OwnSession own, string node, bool isPresent)
    {
        UplinkTerms terms = Terms(node, isPresent);
        Assert.AreSame(terms, own.Judge(terms, isUnknown: false));
    }

    private static void AssertOld(OwnSession own, string node)
    {
        UplinkTerms terms = own.Judge(Terms(node, isPresent: true), isUnknown: false);
        Assert.AreEqual((false, true, QoS.AtLeastOnce), (terms.SessionPresent, terms.IsOldSession, terms.QoSMax));
    }
}
