using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The settings of section <c>Relay</c>, as they are checked at start.</summary>
[TestClass]
public sealed class RelayOptionsTests
{
    [TestMethod]
    public void Options_Defaults_Possible() => Assert.IsNull(new RelayOptions().Check());

    [TestMethod]
    [DataRow("pi", "devicemqtt-pi")]
    [DataRow("my pi/+#é", "devicemqtt-my-pi----")]
    [DataRow("", "devicemqtt-gateway")]
    public void ClientId_Default_IsTheMachineNameWithoutWhatAnUpstreamCouldRefuse(string machine, string clientId) =>
        Assert.AreEqual(clientId, RelayOptions.DefaultClientId(machine));

    [TestMethod]
    public void Options_Impossible_NamedWithItsValue()
    {
        AssertWrong("Relay:ClientId is 'a/b'", o => o.ClientId = "a/b");
        AssertWrong("Relay:ClientId is 'a+b'", o => o.ClientId = "a+b");
        AssertWrong("Relay:ClientId is ''", o => o.ClientId = "");
        AssertWrong("Relay:KeepAliveSeconds is 0", o => o.KeepAliveSeconds = 0);
        AssertWrong("Relay:KeepAliveSeconds is 65536", o => o.KeepAliveSeconds = 65_536);
        AssertWrong("Relay:BackoffMinMs is 0", o => o.BackoffMinMs = 0);
        AssertWrong("Relay:BackoffMaxMs is 499", o => o.BackoffMaxMs = 499);
        AssertWrong("Relay:BackoffMaxMs is 86400001", o => o.BackoffMaxMs = 86_400_001);
        AssertWrong("Relay:Prefix is 'site'", o => o.Prefix = "site");
        AssertWrong("Relay:Prefix is '$SYS/'", o => o.Prefix = "$SYS/");
        AssertWrong("Relay:Prefix is 'a/+/'", o => o.Prefix = "a/+/");
        AssertWrong("Relay:Prefix has more than 1024 bytes", o => o.Prefix = new string('p', 1024) + "/");
        AssertWrong("Relay:Out:1 is 'a/#/b'", o => o.Out = ["a", "a/#/b"]);
        AssertWrong("Relay:Out:0 is '$share/g/a'", o => o.Out = ["$share/g/a"]);
    }

    private static void AssertWrong(string beginning, Action<RelayOptions> change)
    {
        RelayOptions options = new();
        change(options);

        StringAssert.StartsWith(options.Check(), beginning, StringComparison.Ordinal);
    }
}
