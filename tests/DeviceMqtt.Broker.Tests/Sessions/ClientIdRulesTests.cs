using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Tests.Sessions;

[TestClass]
internal sealed class ClientIdRulesTests
{
    [TestMethod]
    [DataRow("board-1", null)]
    [DataRow("GID_pump@@@cellar", null)]
    [DataRow("hall/lamp", null)]
    [DataRow("größe", null)]
    [DataRow("P2P", null)]
    [DataRow("p2p2", null)]
    [DataRow("with space", null)]
    [DataRow("", "empty")]
    [DataRow("p2p", "'p2p' is not allowed")]
    [DataRow("a+b", "'+'")]
    [DataRow("a#", "'#'")]
    [DataRow("a\tb", "U+0009")]
    [DataRow("a\u007f", "U+007F")]
    [DataRow("\u0085", "U+0085")]
    [DataRow("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "33 bytes, more than 32")]
    [DataRow("üüüüüüüüüüüüüüüüü", "34 bytes, more than 32")]
    public void ClientId_Checked_AsTheRulesSay(string clientId, string? wrong)
    {
        string? actual = ClientIdRules.Check(clientId, bytesMax: 32);
        if (wrong is null)
            Assert.IsNull(actual);
        else
            Assert.Contains(wrong, actual!, StringComparison.Ordinal);
        if (clientId.Length < 17)
            Assert.AreEqual(ClientId.IsAllowed(clientId), actual is null, "a board and the gateway see it in the same way");
    }
}
