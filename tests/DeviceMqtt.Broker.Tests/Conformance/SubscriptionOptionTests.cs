namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>Subscription Options of 5.0, section 3.8.3.1, in exact bytes.</summary>
[TestClass]
internal sealed class SubscriptionOptionTests
{
    [TestMethod]
    public Task NoLocal_BesidesAnotherSubscription_OwnMessagesComeByTheOtherAlone() => Dialogue.RunAsync("""
        a 5.0
        a> 82:0001 02 0B 01 <t/#> 00
        a< 90 04 0001 00 00
        a> 82:0002 02 0B 02 <t/x> 0D
        a< 90 04 0002 00 01
        a> 33:<t/x> 0009 00 'own'
        a< 30:<t/x> 02 0B 01 'own'
        a< 40 02 0009
        b 3.1.1
        b> 31:<t/x> 'other'
        a< 30:<t/x> 02 0B 01 'other'
        a< 31:<t/x> 02 0B 02 'other'
        a silent
        """); // [MQTT-3.8.3-3]: neither the QoS, nor Retain As Published, nor the identifier of the other subscription

    [TestMethod]
    public Task NoLocal_AlsoByTheWillOfThePublisher_NotForwarded() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 04 0000 05 11 0000003C <a> 00 <gone> <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> 82:0001 00 <gone> 05
        a< 90 04 0001 00 01
        a drops
        a open
        a> 10:<MQTT> 05 00 0000 05 11 0000003C <a>
        a< 20:01 00 0B 21 03E8 27 00100000 22 0040
        a silent
        """); // [MQTT-3.8.3-3]

    [TestMethod]
    public Task SUBSCRIBE_AgainWithRetainHandling0_RetainedSentAgainAndNothingLost() => Dialogue.RunAsync("""
        p 3.1.1
        p> 33:<t> 0001 'kept'
        p< 40 02 0001
        a 5.0
        a> 82:0001 00 <t> 01
        a< 90 04 0001 00 01
        a< 33:<t> 0001 00 'kept'
        p> 32:<t> 0002 'live'
        p< 40 02 0002
        a> 82:0002 00 <t> 01
        a< 32:<t> 0002 00 'live'
        a< 90 04 0002 00 01
        a< 33:<t> 0003 00 'kept'
        """); // [MQTT-3.8.4-3], [MQTT-3.8.4-4]

    [TestMethod]
    [DataRow("03", "82", DisplayName = "QoS 3: Protocol Error")]
    [DataRow("30", "82", DisplayName = "Retain Handling 3: Protocol Error")]
    [DataRow("40", "81", DisplayName = "reserved bit 6: Malformed Packet")]
    [DataRow("80", "81", DisplayName = "reserved bit 7: Malformed Packet")]
    public Task Options_Forbidden_RefusedWithTheirCode(string options, string code) => Dialogue.RunAsync($"""
        a open
        a> 10:<MQTT> 05 02 0000 02 17 00 <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> 82:0001 00 <t> {options}
        a< E0 01 {code}
        a closed
        """); // section 3.8.3.1, [MQTT-3.8.3-5]
}
