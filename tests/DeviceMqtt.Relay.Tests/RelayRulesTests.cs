using DeviceMqtt.Relay.Mapping;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The rules of the relay: names on the other side, and what is refused at start with the number of the rule.</summary>
[TestClass]
public sealed class RelayRulesTests
{
    [TestMethod]
    [DataRow("dm/#", "", "dm/b/info", "dm/b/info")]
    [DataRow("dm/#", "site/{topic}", "dm/b/info", "site/dm/b/info")]
    [DataRow("dm/#", "cloud/{gateway}/{#}", "dm/b/info", "cloud/gw/b/info")]
    [DataRow("dm/#", "cloud/{#}", "dm", "cloud")]
    [DataRow("site/dm/#", "dm/{#}", "site/dm/x/y", "dm/x/y")]
    [DataRow("dm/+/tele/+", "t/{2}/of-{gateway}/{1}", "dm/b/tele/climate", "t/climate/of-gw/b")]
    [DataRow("a/b", "c", "a/b", "c")]
    [DataRow("a/b", "c", "a/x", null)]
    [DataRow("#", "", "$SYS/x", null)]
    public void Topic_Mapped(string filter, string template, string topic, string? expected)
    {
        Assert.IsNull(TopicMapping.Check(filter, template, "gw"));
        Assert.AreEqual(expected, new TopicMapping(filter, template, "gw").Map(topic));
    }

    [TestMethod]
    [DataRow("a/#", "a/+", true)]
    [DataRow("a/#", "a", true)]
    [DataRow("+/b", "a/+", true)]
    [DataRow("a/b", "a/c", false)]
    [DataRow("a/+", "a/b/c", false)]
    [DataRow("#", "$SYS/x", false)]
    [DataRow("a/#", "b/#", false)]
    [DataRow("+/x/#", "a/+/c/d", true)]
    public void Filters_Overlap_WhenOneTopicMatchesBoth(string one, string other, bool expected)
    {
        string? sample = TopicOverlap.Sample(one, other);

        Assert.AreEqual(expected, sample is not null);
        Assert.AreEqual(expected, TopicOverlap.Sample(other, one) is not null);
        if (sample is not null)
            Assert.IsTrue(Make.Filter(one).Matches(Make.Topic(sample)) && Make.Filter(other).Matches(Make.Topic(sample)), sample);
    }

    [TestMethod]
    public void Rule_Impossible_RefusedWithItsNumber()
    {
        AssertRefused("Relay:Rules:1 cannot be used: 'dm/x/evt/x' would be sent twice, as Relay:Rules:0 has it too", Out("dm/#"), Out("+/+/evt/+"));
        AssertRefused("Relay:Rules:1 cannot be used: 'a/x' would be sent twice", In("a/#"), In("a/+"));
        AssertRefused("Relay:Rules:1 cannot be used: it would make a loop: 'b/x' comes down as 'a/c/x', which goes up as 'b/c/x', which comes down", Out("a/#", "b/{#}"), In("b/#", "a/c/{#}"));
        AssertRefused("Relay:Rules:0 cannot be used: its Filter is 'a/#/b'", Out("a/#/b"));
        AssertRefused("Relay:Rules:0 cannot be used: its Filter is ''", new RelayRule());
        AssertRefused("Relay:Rules:0 cannot be used: its Filter is '$share/g/a'", In("$share/g/a"));
        AssertRefused("Relay:Rules:0 cannot be used: its Topic is '{#}/a': {#} must be its last level", Out("a/#", "{#}/a"));
        AssertRefused("Relay:Rules:0 cannot be used: its Topic is 'x/{2}': {2} needs as many + in the Filter", Out("a/+", "x/{2}"));
        AssertRefused("Relay:Rules:0 cannot be used: its Topic is 'x/{#}': {#} needs a Filter that ends with #", Out("a/+", "x/{#}"));
        AssertRefused("Relay:Rules:0 cannot be used: its Topic is 'x/+': the level '+' is neither text", Out("a/+", "x/+"));
        AssertRefused("Relay:Rules:0 cannot be used: its Topic is '$gw/{#}': topics that begin with $", In("a/#", "$gw/{#}"));
        AssertRefused("Relay:Rules:0 cannot be used: its MaxQoS is 3", new RelayRule { Filter = "a", MaxQoS = 3 });
        AssertRefused("Relay:Rules:0 cannot be used: its MaxAgeSeconds is -1", new RelayRule { Filter = "a", MaxAgeSeconds = -1 });
    }

    [TestMethod]
    public void Rules_BothWaysWithTheSameNames_Possible()
    {
        Assert.IsNull(new RelayOptions { Rules = [Out("dm/#"), In("dm/#")] }.Check());
        Assert.IsNull(new RelayOptions { Rules = [Out("dm/#", "s/{topic}"), In("s/dm/#", "dm/{#}")] }.Check());
        Assert.IsNull(new RelayOptions { Rules = [In("config/#")] }.Check());
        Assert.IsNull(new RelayOptions { Rules = [In("site/config/#", "config/{#}")] }.Check());
    }

    [TestMethod]
    public void Upstreams_Settings_CheckedAndNamed()
    {
        AssertWrong("Relay:Profile is 'azure'; it must be generic, aliyun, aws", new RelayOptions { Profile = "azure" });
        AssertWrong("Relay:Protocol is '4'; it must be auto, 5.0 or 3.1.1", new RelayOptions { Protocol = "4" });
        AssertWrong("Relay:Tls:CaFile is '/no/such/file': there is no such file", new RelayOptions { Tls = new RelayTlsOptions { CaFile = "/no/such/file" } });
        AssertWrong("Relay:Tls:KeyFile is given without", new RelayOptions { Tls = new RelayTlsOptions { KeyFile = "k" } });
        AssertWrong("Relay:Password is given without Relay:UserName", new RelayOptions { Password = "p" });
        AssertWrong("Relay:Aliyun needs all of", new RelayOptions { Aliyun = new AliyunSignature { Secret = "s" } });
        AssertWrong("Relay:ReplayPerSecondMax is -1", new RelayOptions { ReplayPerSecondMax = -1 });
        AssertWrong("Relay:Out and Relay:Rules both say what goes out", new RelayOptions { Out = ["a"], Rules = [Out("b")] });
    }

    [TestMethod]
    public void Aliyun_Signature_AsTheServiceComputesIt()
    {
        // Computed with: printf %s 'GID_x@@@gw' | openssl dgst -sha1 -hmac secret -binary | base64
        AliyunSignature signature = new() { AccessKey = "key", Secret = "secret", Instance = "mqtt-cn-1" };

        Assert.AreEqual("Signature|key|mqtt-cn-1", signature.UserName);
        Assert.AreEqual("naB2jBktdBUfho1eOyAixiFlvhI=", signature.PasswordFor("GID_x@@@gw"));
    }

    private static RelayRule Out(string filter, string topic = "") => new() { Filter = filter, Topic = topic };

    private static RelayRule In(string filter, string topic = "") => new() { Direction = RelayDirection.In, Filter = filter, Topic = topic };

    private static void AssertRefused(string beginning, params RelayRule[] rules) => AssertWrong(beginning, new RelayOptions { Rules = [.. rules] });

    private static void AssertWrong(string beginning, RelayOptions options) => StringAssert.StartsWith(options.Check(), beginning, StringComparison.Ordinal);
}
