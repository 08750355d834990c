namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>Topic Names and Topic Filters are compared and passed on byte by byte: section 4.7.</summary>
[TestClass]
internal sealed class TopicBytesTests
{
    [TestMethod]
    public Task Topic_WithByteOrderMark_ItIsACharacterLikeAnyOther() => Dialogue.RunAsync("""
        s 3.1.1
        s> 82:0001 0004 EFBBBF 't' 00
        s< 90 03 0001 00
        a 3.1.1
        a> 30:<t> 'without'
        a> 30:0004 EFBBBF 't' 'with'
        s< 30:0004 EFBBBF 't' 'with'
        s silent
        """); // 3.1.1 [MQTT-1.5.3-3], 5.0 [MQTT-1.5.4-3]

    [TestMethod]
    [DataRow("<T>", DisplayName = "another case")]
    [DataRow("</t>", DisplayName = "a leading separator")]
    [DataRow("<t/>", DisplayName = "a trailing separator")]
    [DataRow("< t>", DisplayName = "a leading blank")]
    [DataRow("<t\u0301>", DisplayName = "a combining accent")]
    [DataRow("<\uFF54>", DisplayName = "the same letter in full width")]
    public Task Topic_AlmostTheSame_DoesNotMatch(string topic) => Dialogue.RunAsync($"""
        s 3.1.1
        s> 82:0001 <t> 00
        s< 90 03 0001 00
        a 3.1.1
        a> 30:{topic} 'another'
        a> 30:<t> 'the same'
        s< 30:<t> 'the same'
        s silent
        """); // [MQTT-4.7.3-4]

    [TestMethod]
    public Task Topic_ComposedAndDecomposedAccent_AreTwoTopics() => Dialogue.RunAsync("""
        s 3.1.1
        s> 82:0001 0002 C3A9 00
        s< 90 03 0001 00
        a 3.1.1
        a> 30:0003 65CC81 'decomposed'
        a> 30:0002 C3A9 'composed'
        s< 30:0002 C3A9 'composed'
        s silent
        """); // [MQTT-4.7.3-4]

    [TestMethod]
    public Task Topic_DeliveredByAWildcard_IsTheOneThatWasPublished() => Dialogue.RunAsync("""
        s 3.1.1
        s> 82:0001 <+/b/#> 00
        s< 90 03 0001 00
        a 3.1.1
        a> 30:<a/b> '1'
        a> 30:</b/c/> '2'
        a> 30:<a/B> '3'
        s< 30:<a/b> '1'
        s< 30:</b/c/> '2'
        s silent
        """); // [MQTT-3.3.2-3]
}
