using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>
/// What nanoFramework.M2Mqtt does on a board, against the letter of the specification or at its edge, and how the gateway
/// bears it: gateway/docs/conformance.md.
/// </summary>
[TestClass]
internal sealed class NanoFrameworkTests
{
    [TestMethod]
    public Task PUBLISH_QoS1SentAgainEverySecond_AcknowledgedEachTimeAndTheConnectionLives() => Dialogue.RunAsync("""
        board 3.1.1
        board> 32:<dm/board/evt/x> 0001 '1'
        board< 40 02 0001
        1 s
        board> 3A:<dm/board/evt/x> 0001 '1'
        board< 40 02 0001
        1 s
        board> 3A:<dm/board/evt/x> 0001 '1'
        board< 40 02 0001
        board silent
        board> 32:<dm/board/evt/x> 0002 '2'
        board< 40 02 0002
        """);

    [TestMethod]
    public Task PUBLISH_QoS2SentAgainEverySecond_DeliveredOnceAndTheConnectionLives() => Dialogue.RunAsync("""
        s 3.1.1
        s> 82:0001 <t> 00
        s< 90 03 0001 00
        board 3.1.1
        board> 34:<t> 0001 '1'
        board< 50 02 0001
        1 s
        board> 3C:<t> 0001 '1'
        board< 50 02 0001
        board> 62 02 0001
        board< 70 02 0001
        1 s
        board> 62 02 0001
        board< 70 02 0001
        board silent
        s< 30:<t> '1'
        s silent
        """);

    [TestMethod]
    public Task SUBSCRIBE_SentAgain_AcknowledgedEachTime() => Dialogue.RunAsync("""
        board 3.1.1
        board> 82:0001 <t> 01
        board< 90 03 0001 01
        1 s
        board> 82:0001 <t> 01
        board< 90 03 0001 01
        board silent
        """);

    [TestMethod]
    [DataRow("10:<MQTT> 04 06 003C <board> 00 <presence/board> <false> 00", DisplayName = "Will alone")]
    [DataRow("10:<MQTT> 04 EE 003C <board> 00 <presence/board> <false> <user> <secret> 00", DisplayName = "with user name and password")]
    public async Task CONNECT_WithTheWillOfTheDefectiveVersions_RefusedAndTheLogNamesLibraryAndVersion(string packet)
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient board = gateway.Open();
        await board.SendAsync(Packet.Of(packet));
        await board.ExpectCloseAsync(CloseReason.MalformedPacket);
        string line = gateway.Log.Lines.Single(l => l.Contains("nanoFramework.M2Mqtt", StringComparison.Ordinal));
        Assert.Contains("2024-04 to 2026-03", line, StringComparison.Ordinal);
        Assert.Contains("5.1.220", line, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", line, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task CONNECT_WithTheWillOfTheMendedVersion_Accepted()
    {
        await using TestBroker gateway = TestBroker.Start();
        TestClient board = gateway.Open();
        await board.SendAsync(Packet.Of("10:<MQTT> 04 2E 003C <board> <presence/board> <false>"));
        Assert.AreEqual(0, (await board.ReceiveConnAckAsync()).Code);
        Assert.IsFalse(gateway.Log.Lines.Any(l => l.Contains("upgrade", StringComparison.Ordinal)));
    }
}
