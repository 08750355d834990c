namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>A message that was given to one member of a shared subscription stays that member's: 5.0 section 4.8.2.</summary>
[TestClass]
internal sealed class SharedDeliveryTests
{
    private const string TwoMembers = """
        m 5.0 kept
        m> 82:0001 00 <$share/g/t> 02
        m< 90 04 0001 00 02
        a 3.1.1
        a> 34:<t> 0001 'x'
        a< 50 02 0001
        m< 34:<t> 0001 00 'x'
        n 5.0 kept
        n> 82:0001 00 <$share/g/t> 02
        n< 90 04 0001 00 02

        """;

    [TestMethod]
    public Task Shared_MemberGoneInTheMiddle_DeliveryGoesOnWhenItIsBack() => Dialogue.RunAsync(TwoMembers + """
        m> 50 02 0001
        m< 62 02 0001
        m drops
        n silent
        m 5.0 kept
        m< 62 02 0001
        m> 70 02 0001
        m silent
        """); // [MQTT-4.8.2-4]

    [TestMethod]
    public Task Shared_SessionOfTheMemberEnds_NobodyElseGetsTheMessage() => Dialogue.RunAsync(TwoMembers + """
        m drops
        3601 s
        n silent
        m 5.0 kept
        m silent
        """); // [MQTT-4.8.2-5]

    [TestMethod]
    public Task Shared_MemberRefusesTheMessage_NobodyElseGetsIt() => Dialogue.RunAsync(TwoMembers + """
        m> 50 03 0001 83
        m silent
        n silent
        """); // [MQTT-4.8.2-6]

    [TestMethod]
    [DataRow("<$share/g>", DisplayName = "no filter")]
    [DataRow("<$share//t>", DisplayName = "empty name")]
    [DataRow("<$share/g/>", DisplayName = "empty filter")]
    [DataRow("<$share/g+/t>", DisplayName = "+ in the name")]
    [DataRow("<$share/#/t>", DisplayName = "# in the name")]
    [DataRow("<$share/g/t#>", DisplayName = "# not alone in its level")]
    public Task Shared_FilterUnsound_Refused(string filter) => Dialogue.RunAsync($"""
        a open
        a> 10:<MQTT> 05 02 0000 02 17 00 <a>
        a< 20:00 00 0B 21 03E8 27 00100000 22 0040
        a> 82:0001 00 {filter} 00
        a< E0 01 8F
        a closed
        """); // [MQTT-4.8.2-1], [MQTT-4.8.2-2]
}
