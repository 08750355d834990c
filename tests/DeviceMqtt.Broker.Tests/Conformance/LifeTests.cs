namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>What is kept and for how long: Sessions, Wills, Retained Messages, messages that expire.</summary>
[TestClass]
internal sealed class LifeTests
{
    [TestMethod]
    public Task RetainedMessage_OfACleanSession_OutlivesIt() => Dialogue.RunAsync("""
        a 3.1.1
        a> 31:<t> 'kept'
        a drops
        s 3.1.1
        s> 82:0001 <t> 00
        s< 90 03 0001 00
        s< 31:<t> 'kept'
        """); // 3.1.1 [MQTT-3.1.2-7]

    [TestMethod]
    public Task RetainedMessage_QoS0_ReplacesTheOneAtQoS1() => Dialogue.RunAsync("""
        a 3.1.1
        a> 33:<t> 0001 'older'
        a< 40 02 0001
        a> 31:<t> 'newer'
        s 3.1.1
        s> 82:0001 <t> 01
        s< 90 03 0001 01
        s< 31:<t> 'newer'
        """); // 3.1.1 [MQTT-3.3.1-7], 5.0 [MQTT-3.3.1-5]

    [TestMethod]
    public Task RetainedMessage_TooLargeToKeep_TheOlderOneIsGoneAllTheSame() => Dialogue.RunAsync("""
        a 3.1.1
        a> 31:<t> 'older'
        a> 31:<t> 'newer, and together with what is kept already more than there is room for: it does not get in any more'
        s 3.1.1
        s> 82:0001 <t> 00
        s< 90 03 0001 00
        s silent
        """, limits => limits.RetainedBytesMax = 200); // [MQTT-3.3.1-5], 3.1.1 [MQTT-3.3.1-7]

    [TestMethod]
    [DataRow("3.1.1")]
    [DataRow("5.0")]
    public Task Connection_WithoutAWill_EndsWithoutAWord(string version) => Dialogue.RunAsync($"""
        s 3.1.1
        s> 82:0001 <#> 00
        s< 90 03 0001 00
        a {version}
        a drops
        s silent
        """); // [MQTT-3.1.2-12] of 3.1.1

    [TestMethod]
    public Task Will_NotRetained_GoesToThoseWhoAreThereAndIsNotKept() => Dialogue.RunAsync("""
        s 3.1.1
        s> 82:0001 <gone> 00
        s< 90 03 0001 00
        a open
        a> 10:<MQTT> 04 06 0000 <a> <gone> <a>
        a< 20 02 00 00
        a drops
        s< 30:<gone> 'a'
        late 3.1.1
        late> 82:0001 <gone> 00
        late< 90 03 0001 00
        late silent
        """); // 3.1.1 [MQTT-3.1.2-16], 5.0 [MQTT-3.1.2-14]

    [TestMethod]
    [DataRow("0E", "32", DisplayName = "QoS 1")]
    [DataRow("16", "34", DisplayName = "QoS 2")]
    public Task Will_AtItsQoS_Published(string flags, string first) => Dialogue.RunAsync($"""
        s 3.1.1
        s> 82:0001 <gone> 02
        s< 90 03 0001 02
        a open
        a> 10:<MQTT> 04 {flags} 0000 <a> <gone> <>
        a< 20 02 00 00
        a drops
        s< {first}:<gone> 0001
        s silent
        """); // 3.1.1 [MQTT-3.1.2-9], [MQTT-3.1.2-14]; a Will without payload is one too

    [TestMethod]
    public Task Will_UserPropertiesAndTheRest_PublishedInTheirOrder() => Dialogue.RunAsync("""
        s 5.0
        s> 82:0001 00 <gone> 00
        s< 90 04 0001 00 00
        a open
        a> 10:<MQTT> 05 06 0000 00 <a> 18 01 01 26 <b> <1> 03 <x> 26 <a> <2> 08 <r> <gone> <w>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a drops
        s< 30:<gone> 18 01 01 26 <b> <1> 03 <x> 26 <a> <2> 08 <r> 'w'
        """); // [MQTT-3.1.3-10]

    [TestMethod]
    public Task Expiry_AfterTheMessageWasSent_DoesNotEndItsFlow() => Dialogue.RunAsync("""
        s 5.0 kept
        s> 82:0001 00 <t> 02
        s< 90 04 0001 00 02
        a 5.0
        a> 34:<t> 0007 05 02 0000000A 'x'
        a< 50 02 0007
        s< 34:<t> 0001 05 02 0000000A 'x'
        60 s
        a> 62 02 0007
        a< 70 02 0007
        s drops
        s 5.0 kept
        s< 3C:<t> 0001 05 02 00000001 'x'
        s> 50 02 0001
        s< 62 02 0001
        """); // [MQTT-4.3.3-7], [MQTT-4.3.3-13]

    [TestMethod]
    public Task Ack_WithAnErrorCode_EndsTheFlowForGood() => Dialogue.RunAsync("""
        s 5.0 kept
        s> 82:0001 00 <t> 02
        s< 90 04 0001 00 02
        a 3.1.1
        a> 32:<t> 0001 'one'
        a< 40 02 0001
        a> 34:<t> 0002 'two'
        a< 50 02 0002
        s< 32:<t> 0001 00 'one'
        s< 34:<t> 0002 00 'two'
        s> 40 03 0001 83
        s> 50 03 0002 97
        s drops
        s 5.0 kept
        s silent
        """); // [MQTT-4.4.0-2]

    [TestMethod]
    public Task PUBREC_WithAnErrorCode_TheIdentifierIsFreeForANewMessage() => Dialogue.RunAsync("""
        a 5.0 without reasons
        a> 34:<$SYS/x> 0007 00 'refused'
        a< 50 03 0007 87
        s 3.1.1
        s> 82:0001 <t> 00
        s< 90 03 0001 00
        a> 34:<t> 0007 00 'new'
        a< 50 02 0007
        s< 30:<t> 'new'
        a> 3C:<t> 0007 00 'again'
        a< 50 02 0007
        a> 62 02 0007
        a< 70 02 0007
        s silent
        """); // [MQTT-4.3.3-9], [MQTT-4.3.3-10], [MQTT-4.3.3-11]
}
