namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>Receive Maximum and Maximum Packet Size of a 5.0 client: sections 3.1.2.11.3, 3.1.2.11.4 and 4.9.</summary>
[TestClass]
internal sealed class FlowControlTests
{
    [TestMethod]
    public Task ReceiveMaximum_UsedUp_EverythingElseGoesOn() => Dialogue.RunAsync("""
        s open
        s> 10:<MQTT> 05 02 0000 03 21 0001 <s>
        s< 20:00 00 0B 21 03E8 27 00100000 22 0040
        s> 82:0001 00 <t> 01
        s< 90 04 0001 00 01
        a 3.1.1
        a> 32:<t> 0001 'one'
        a< 40 02 0001
        a> 32:<t> 0002 'two'
        a< 40 02 0002
        s< 32:<t> 0001 00 'one'
        s> C0 00
        s< D0 00
        s> 82:0002 00 <u> 00
        s< 90 04 0002 00 00
        s> 32:<u> 0009 00 'own'
        s< 30:<u> 00 'own'
        s< 40 02 0009
        s> A2:0003 00 <u>
        s< B0 04 0003 00 00
        s> 40 02 0001
        s< 32:<t> 0002 00 'two'
        """); // [MQTT-3.3.4-9], [MQTT-3.3.4-10], [MQTT-4.9.0-1] to [MQTT-4.9.0-3]

    [TestMethod]
    public Task ReceiveMaximum_OfTheGatewayExceeded_Disconnected() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 0000 02 17 00 <a>
        a< 20:00 00 0B 21 0002 27 00100000 22 0040
        a> 34:<t> 0001 00
        a< 50 03 0001 10
        a> 34:<t> 0002 00
        a< 50 03 0002 10
        a> 34:<t> 0003 00
        a< E0 01 93
        a closed
        """, limits => limits.ReceiveMaximum = 2); // section 3.3.4; QoS 1 is acknowledged before the next packet is read

    // What earlier connections have left open takes nothing of it. A gateway below that was to send one message alone was closed for that each time, and set aside one message after the other.
    [TestMethod]
    public Task ReceiveMaximum_OpenFromAnEarlierConnection_BeginsAnew() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 00 0000 07 11 0000FFFF 17 00 <a>
        a< 20:00 00 0B 21 0002 27 00100000 22 0040
        a> 34:<t> 0001 00
        a< 50 03 0001 10
        a> 34:<t> 0002 00
        a< 50 03 0002 10
        a> E0 00
        a closed
        b open
        b> 10:<MQTT> 05 00 0000 07 11 0000FFFF 17 00 <a>
        b< 20:01 00 0B 21 0002 27 00100000 22 0040
        b> 34:<t> 0003 00
        b< 50 03 0003 10
        b> 34:<t> 0004 00
        b< 50 03 0004 10
        b> 34:<t> 0005 00
        b< E0 01 93
        b closed
        """, limits => limits.ReceiveMaximum = 2); // section 4.9: re-initialized with each new Network Connection

    [TestMethod]
    public Task MaximumPacketSize_DisconnectWithReasonStringTooLarge_SentWithout() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 0000 05 27 00000012 <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> 20 03 00 00 00
        a< E0 01 82
        a closed
        """); // [MQTT-3.14.2-3], [MQTT-3.1.2-24]

    [TestMethod]
    public Task MaximumPacketSize_RefusalWithReasonStringTooLarge_SentWithout() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 0000 05 27 00000012 <p2p>
        a< 20 03 00 85 00
        a closed
        """); // [MQTT-3.2.2-19], [MQTT-3.1.2-24]

    [TestMethod]
    public Task MaximumPacketSize_TooSmallForAnyRefusal_ClosedWithoutAWord() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 0000 05 27 00000004 <p2p>
        a closed
        """); // [MQTT-3.1.2-24]

    [TestMethod]
    public Task MaximumPacketSize_TooSmallForTheConnAck_ClosedAndNothingChanged() => Dialogue.RunAsync("""
        old 3.1.1
        old> 82:0001 <t> 00
        old< 90 03 0001 00
        a open
        a> 10:<MQTT> 05 02 0000 05 27 0000000F <old>
        a closed
        old silent
        """); // [MQTT-3.1.2-24]

    [TestMethod]
    public Task MaximumPacketSize_TooSmallForTheSubAck_Disconnected() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 0000 05 27 00000012 <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> 82:0001 00 <a> 00 <b> 00 <c> 00 <d> 00 <e> 00 <f> 00 <g> 00 <h> 00 <i> 00 <j> 00 <k> 00 <l> 00 <m> 00
        a< 90:0001 00 00 00 00 00 00 00 00 00 00 00 00 00 00
        a> A2:0002 00 <a> <b> <c> <d> <e> <f> <g> <h> <i> <j> <k> <l> <m> <n>
        a< E0 01 95
        a closed
        """); // [MQTT-3.1.2-24]: 18 bytes fit, 19 do not

    [TestMethod]
    public Task RequestProblemInformation_0_NoReasonString() => Dialogue.RunAsync("""
        a open
        a> 10:<MQTT> 05 02 0000 02 17 00 <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> 82:0001 00 <dm/p2p/b> 00
        a< 90 04 0001 00 87
        a> 32:<$SYS/x> 0002 00
        a< 40 03 0002 87
        a> D0 00
        a< E0 01 82
        a closed
        """); // [MQTT-3.1.2-29]
}
