using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>
/// From 2024-04 to 2026-03 nanoFramework.M2Mqtt reserved two bytes for the Will Properties of 5.0 in the CONNECT of every version and wrote one
/// of them. Boards with that version are in the field: the gateway's log must name the library, and nothing else may be taken for it.
/// </summary>
[TestClass]
public sealed class NanoFrameworkWillTests
{
    [DecodeTest]
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> 00 <presence/dev1> <false> 00")]
    [DataRow("10 : <MQTT> 04 EE 00 3C <dev1> 00 <presence/dev1> <false> <user> <secret> 00")]
    [DataRow("10 : <MQTT> 04 86 00 3C <> 00 <w> <x> <user> 00")]
    [DataRow("10 : <MQIsdp> 03 26 00 3C <dev1> 00 <presence/dev1> <false> 00")]
    public void CONNECT_Received_WillAsThatLibraryBuiltIt_IsRecognised(string packet) =>
        Wire.Refuses(packet, V311, MalformedReason.NanoFrameworkWillDefect);

    [DecodeTest]
    public void CONNECT_Received_WillTopicOver255Bytes_IsRecognisedToo() =>
        Wire.Refuses($"10 : <MQTT> 04 26 00 3C <dev1> 00 <{new string('t', 300)}> <false> 00", V311, MalformedReason.NanoFrameworkWillDefect);

    [DecodeTest]
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> 00 <presence/dev1> <false>", MalformedReason.TopicNameEmpty)] // no byte at the end
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> 00 <presence/dev1> <false> 01", MalformedReason.TopicNameEmpty)] // not a zero
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> 01 <presence/dev1> <false> 00", MalformedReason.BodyTooShort)] // nor before the topic
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> 00 <presence/dev1> <false> 00 00", MalformedReason.TopicNameEmpty)] // two of them
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> 00 <presence/#> <false> 00", MalformedReason.TopicNameEmpty)] // wrong in another way too
    [DataRow("10 : <MQTT> 04 26 00 3C <dev1> <presence/dev1> <false> 00", MalformedReason.BodyTooLong)] // only the byte at the end
    [DataRow("10 : <MQTT> 04 27 00 3C <dev1> 00 <presence/dev1> <false> 00", MalformedReason.ConnectFlagsReserved)]
    [DataRow("10 : <MQTT> 04 02 00 3C <dev1> 00", MalformedReason.BodyTooLong)] // no Will
    [DataRow("10 : <MQTT> 05 26 00 3C 00 <dev1> 00 <presence/dev1> <false> 00", MalformedReason.BodyTooLong)] // 5.0 has nothing else to know it by
    [DataRow("10 : <MQTT> 04 26 00 3C", MalformedReason.BodyTooShort)]
    public void CONNECT_Received_WrongInAnotherWay_IsNotTakenForIt(string packet, MalformedReason expected) => Wire.Refuses(packet, V311, expected);

    [TestMethod]
    public void CONNECT_Text_NamesTheLibraryAndTheVersionToUse()
    {
        string text = MalformedReason.NanoFrameworkWillDefect.ToText();
        Assert.Contains("nanoFramework.M2Mqtt", text, StringComparison.Ordinal);
        Assert.Contains("2026-03-25", text, StringComparison.Ordinal);
    }
}
