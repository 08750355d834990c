namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>What each packet of a client is answered with, in exact bytes.</summary>
[TestClass]
internal sealed class ExactBytesTests
{
    [TestMethod]
    public Task CONNECT_V311_AnsweredWithConnAckAndSessionPresent() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 04 00 003C <board>
        a< 20 02 00 00
        a drops
        b open
        b> 10:<MQTT> 04 00 003C <board>
        b< 20 02 01 00
        b drops
        c open
        c> 10:<MQTT> 04 02 003C <board>
        c< 20 02 00 00
        """); // [MQTT-3.2.2-1] to [MQTT-3.2.2-3]

    [TestMethod]
    public Task CONNECT_V5_AnsweredWithConnAckAndSessionPresent() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 00 003C 05 11 00000E10 <board>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a drops
        b open
        b> 10:<MQTT> 05 00 003C 05 11 00000E10 <board>
        b< 20:01 00 0B 21 03E8 27 00100000 22 0040
        b drops
        c open
        c> 10:<MQTT> 05 02 003C 00 <board>
        c< 20:00 00 0B 21 03E8 27 00100000 22 0040
        """); // [MQTT-3.2.2-2], [MQTT-3.2.2-3]

    [TestMethod]
    public Task CONNECT_V5_RequestResponseInformation_NoneReturned() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 003C 02 19 00 <board>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        b open
        b> 10:<MQTT> 05 02 003C 02 19 01 <other>
        b< 20:00 00 0B 21 03E8 27 00100000 22 0040
        """); // [MQTT-3.1.2-28]; where it is asked for the server may say nothing all the same (3.1.2.11.6)

    [TestMethod]
    public Task CONNECT_Refused_WhatFollowsIsNotProcessed() => Dialogue.RunAsync("""
        a open
        a> 10 0F <MQTT> 04 02 003C <p2p> 31 05 <t> 'no'
        a< 20 02 00 02
        a closed
        b 3.1.1
        b> 82:0001 <t> 00
        b< 90 03 0001 00
        b silent
        """); // 3.1.1 [MQTT-3.1.4-5], 5.0 [MQTT-3.1.4-6]

    [TestMethod]
    public Task SUBSCRIBE_V311_AnsweredWithItsPacketIdAndACodeForEachFilter() => Dialogue.RunAsync("""
        a 3.1.1
        a> 82:0102 <t> 01 <u/#> 00 <v> 02
        a< 90 05 0102 01 00 02
        """); // [MQTT-3.8.4-1], [MQTT-3.8.4-2], [MQTT-3.8.4-5]

    [TestMethod]
    public Task SUBSCRIBE_V5_AnsweredWithItsPacketIdAndACodeForEachFilter() => Dialogue.RunAsync("""
        a 5.0 without reasons
        a> 82:0102 00 <t> 01 <u/#> 00 <dm/p2p/b> 01 <v> 02
        a< 90:0102 00 01 00 87 02
        """); // [MQTT-3.8.4-6], [MQTT-3.9.3-1]

    [TestMethod]
    public Task UNSUBSCRIBE_V311_AnsweredWithItsPacketIdWhateverWasSubscribed() => Dialogue.RunAsync("""
        a 3.1.1
        a> 82:0001 <t> 00
        a< 90 03 0001 00
        a> A2:0A0B <t> <never>
        a< B0 02 0A0B
        """); // [MQTT-3.10.4-4] to [MQTT-3.10.4-6]

    [TestMethod]
    public Task UNSUBSCRIBE_V5_AnsweredWithACodeForEachFilter() => Dialogue.RunAsync("""
        a 5.0
        a> 82:0001 00 <t> 00
        a< 90 04 0001 00 00
        a> A2:0A0B 00 <never> <t>
        a< B0 05 0A0B 00 11 00
        """); // [MQTT-3.10.4-5], [MQTT-3.11.3-1], [MQTT-3.11.3-2]

    [TestMethod]
    public Task UNSUBSCRIBE_FilterThatMatchesButIsNotTheSame_NothingDeleted() => Dialogue.RunAsync("""
        a 5.0
        a> 82:0001 00 <t/1> 00
        a< 90 04 0001 00 00
        a> A2:0002 00 <t/+> <T/1> <t/1/>
        a< B0:0002 00 11 11 11
        b 3.1.1
        b> 30:<t/1> 'still'
        a< 30:<t/1> 00 'still'
        """); // [MQTT-3.10.4-1]

    [TestMethod]
    [DataRow("3.1")]
    [DataRow("3.1.1")]
    [DataRow("5.0")]
    public Task PINGREQ_AnsweredWithPingResp(string version) => Dialogue.RunAsync($"""
        a {version}
        a> C0 00
        a< D0 00
        """); // [MQTT-3.12.4-1]

    [TestMethod]
    public Task PUBLISH_V311_EachQoS_AnsweredWithItsPacketId() => Dialogue.RunAsync("""
        a 3.1.1
        a> 30:<t> 'x'
        a silent
        a> 32:<t> 1234 'x'
        a< 40 02 1234
        a> 34:<t> 1235 'x'
        a< 50 02 1235
        a> 62 02 1235
        a< 70 02 1235
        """); // [MQTT-2.3.1-6], [MQTT-3.3.4-1]

    [TestMethod]
    public Task PUBLISH_V5_EachQoS_AnsweredWithItsPacketIdAndReasonCode() => Dialogue.RunAsync("""
        s 5.0
        s> 82:0001 00 <t> 00
        s< 90 04 0001 00 00
        a 5.0
        a> 32:<t> 1234 00 'x'
        a< 40 02 1234
        a> 32:<nobody> 1235 00 'x'
        a< 40 03 1235 10
        a> 34:<t> 1236 00 'x'
        a< 50 02 1236
        a> 62 02 1236
        a< 70 02 1236
        a> 34:<nobody> 1237 00 'x'
        a< 50 03 1237 10
        a> 62 03 1237 00
        a< 70 02 1237
        a> 62 02 4321
        a< 70 03 4321 92
        """); // [MQTT-2.2.1-5], [MQTT-3.4.2-1], [MQTT-3.5.2-1], [MQTT-3.7.2-1]

    [TestMethod]
    [DataRow("3.1.1", "")]
    [DataRow("5.0", "00")]
    public Task PUBLISH_ToSubscribers_EachQoSWithItsPacketIdAndTheWholeFlow(string version, string noProperties) => Dialogue.RunAsync($"""
        s {version}
        s> 82:0001 {noProperties} <t> 02
        s< 90:0001 {noProperties} 02
        a 3.1.1
        a> 30:<t> '0'
        s< 30:<t> {noProperties} '0'
        a> 32:<t> 0009 '1'
        a< 40 02 0009
        s< 32:<t> 0001 {noProperties} '1'
        s> 40 02 0001
        a> 34:<t> 000A '2'
        a< 50 02 000A
        s< 34:<t> 0002 {noProperties} '2'
        s> 50 02 0002
        s< 62 02 0002
        s> 70 02 0002
        s silent
        """); // 3.1.1 [MQTT-4.3.1-1], [MQTT-4.3.2-1], [MQTT-4.3.3-1]; 5.0 [MQTT-4.3.2-2], [MQTT-4.3.3-2], [MQTT-4.3.3-4]

    [TestMethod]
    [DataRow("3.1.1", "")]
    [DataRow("5.0", "00")]
    public Task PUBLISH_DupFromThePublisher_NotPassedOn(string version, string noProperties) => Dialogue.RunAsync($"""
        s {version}
        s> 82:0001 {noProperties} <t> 02
        s< 90:0001 {noProperties} 02
        a 3.1.1
        a> 3A:<t> 0009 'x'
        a< 40 02 0009
        s< 32:<t> 0001 {noProperties} 'x'
        a> 3C:<t> 000A 'y'
        a< 50 02 000A
        s< 34:<t> 0002 {noProperties} 'y'
        """); // [MQTT-3.3.1-3]

    [TestMethod]
    [DataRow("3.1.1", "")]
    [DataRow("5.0", "00")]
    public Task PUBLISH_NotAcknowledged_SentAgainWithDupOnTheNextConnectionOnly(string version, string noProperties) => Dialogue.RunAsync($"""
        s {version} kept
        s> 82:0001 {noProperties} <t> 02
        s< 90:0001 {noProperties} 02
        a 3.1.1
        a> 32:<t> 0001 'one'
        a< 40 02 0001
        a> 34:<t> 0002 'two'
        a< 50 02 0002
        s< 32:<t> 0001 {noProperties} 'one'
        s< 34:<t> 0002 {noProperties} 'two'
        600 s
        s silent
        s drops
        s {version} kept
        s< 3A:<t> 0001 {noProperties} 'one'
        s< 3C:<t> 0002 {noProperties} 'two'
        s> 50 02 0002
        s< 62 02 0002
        s drops
        s {version} kept
        s< 3A:<t> 0001 {noProperties} 'one'
        s< 62 02 0002
        """); // [MQTT-3.3.1-1], [MQTT-4.4.0-1]

    [TestMethod]
    [DataRow("3.1.1", "")]
    [DataRow("5.0", "00")]
    public Task PUBREL_SentInTheOrderOfThePubRecs(string version, string noProperties) => Dialogue.RunAsync($"""
        s {version}
        s> 82:0001 {noProperties} <t> 02
        s< 90:0001 {noProperties} 02
        a 3.1.1
        a> 34:<t> 0001 '1'
        a< 50 02 0001
        a> 34:<t> 0002 '2'
        a< 50 02 0002
        s< 34:<t> 0001 {noProperties} '1'
        s< 34:<t> 0002 {noProperties} '2'
        s> 50 02 0002 50 02 0001
        s< 62 02 0002
        s< 62 02 0001
        """); // [MQTT-4.6.0-4]
}
