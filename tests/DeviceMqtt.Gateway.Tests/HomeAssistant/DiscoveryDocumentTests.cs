using System.Text;
using System.Text.Json;
using DeviceMqtt.HomeAssistant;
using DeviceMqtt.Wire;
using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

[TestClass]
public sealed class DiscoveryDocumentTests
{
    private const string Kitchen = """
        {"id":"GID_a@@@kitchen","fw":"0.1.0","board":"virtual","b":7,"up":5120,
         "tele":{"climate":{"temp":"Cel","hum":"%RH"},"health":{"rssi":"dBm"},"meter":{"used":"kWh","count":"count"}},
         "evt":["button","relay"],
         "cmd":["relay.set! on:b@relay.on","ping","reboot! after?:i0..60[s]=1","interval.set~ stream:e(climate|health) every:n0.5..86400[s]",
                "log.level~ level:e(off|error)","gpio.set! pin:i0..39 on:b","label.set~ text:s0..32","dim! to:i0..100@climate.hum","bare"]}
        """;

    [TestMethod]
    public void Write_ABoard_EverythingThatItHasAndNothingThatHomeAssistantRefuses()
    {
        JsonElement components = ComponentsOf(Kitchen, out byte[] json);

        Assert.IsEmpty(DiscoveryRules.Broken(json));
        CollectionAssert.AreEquivalent(
            (string[])["cmd_relay.set_on", "cmd_reboot_press", "cmd_interval.set_every_climate", "cmd_interval.set_every_health", "cmd_log.level_level", "cmd_label.set_text", "cmd_dim_to",
                "climate_temp", "climate_hum", "health_rssi", "meter_used", "meter_count", "evt_button", "problem"],
            components.EnumerateObject().Select(static c => c.Name).ToArray());
        Assert.AreEqual("ha/kitchen/evt/relay", components.GetProperty("cmd_relay.set_on").GetProperty("state_topic").GetString());
        Assert.AreEqual("dm/kitchen/tele/climate", components.GetProperty("cmd_dim_to").GetProperty("state_topic").GetString());
        Assert.AreEqual("ha/kitchen/cmd/interval.set/every/health", components.GetProperty("cmd_interval.set_every_health").GetProperty("command_topic").GetString());
        Assert.AreEqual("relay", components.GetProperty("cmd_relay.set_on").GetProperty("name").GetString());
    }

    [TestMethod]
    public void Write_TwoOfOneClass_NamedSoThatTheyCanBeToldApart()
    {
        JsonElement components = ComponentsOf("""{"id":"k","tele":{"in":{"temp":"Cel"},"out":{"temp":"Cel","hum":"%RH"}}}""", out _);

        Assert.AreEqual("in temp", components.GetProperty("in_temp").GetProperty("name").GetString());
        Assert.IsFalse(components.GetProperty("out_hum").TryGetProperty("name", out _), "Home Assistant calls it Humidity, in the reader's language");
    }

    [TestMethod]
    [DataRow("""{"id":"k","tele":{"s":{"a'] }}{{ states":"V","b":"V"}}}""")]
    [DataRow("""{"id":"k","tele":{"s/+":{"a":"V"},"#":{"a":"V"},"$x":{"a":"V"}},"evt":["a/b","+",""]}""")]
    [DataRow("""{"id":"k","cmd":["x! on:b@a'b.c'd","y! on:b@#.on","z! n:i5..5","w! n:n"]}""")]
    public void Write_HostileBirth_NothingOfItInATemplateOrATopic(string birth)
    {
        _ = ComponentsOf(birth, out byte[] json);

        Assert.IsEmpty(DiscoveryRules.Broken(json));
    }

    [TestMethod]
    public void Write_AnyBirth_IsWhatHomeAssistantTakes() =>
        Prop.ForAll(ArbMap.Default.ArbFor<string[]>(), texts =>
        {
            string[] words = [.. texts.Where(static t => t is not null)];
            string birth = JsonSerializer.Serialize(new
            {
                id = "k",
                tele = words.Distinct(StringComparer.Ordinal).ToDictionary(static w => w, static w => new Dictionary<string, string> { [w] = w, ["t"] = "Cel" }, StringComparer.Ordinal),
                evt = words,
                cmd = words.Select(static w => $"c{w.Length}! a:e({w}|b)@{w}.x").Concat(words),
            });
            BirthReader reader = new();
            byte[] bytes = Encoding.UTF8.GetBytes(birth);
            return !reader.TryRead(bytes, 0, bytes.Length) || DiscoveryRules.Broken(DiscoveryDocument.Write(reader, "kitchen", Discovering.Topics, "here").Json).Count == 0;
        }).QuickCheckThrowOnFailure();

    [TestMethod]
    public void ObjectId_NamesThatLookAlikeInIt_AreNotTheSame()
    {
        string[] names = ["kitchen", "kit.chen", "kit chen", "kit_chen", "küche", "k\u00fcche2"];

        string[] ids = [.. names.Select(Discovering.Topics.ObjectId)];

        Assert.AreEqual("dm_kitchen", ids[0]);
        CollectionAssert.AllItemsAreUnique(ids);
        Assert.IsTrue(ids.All(static id => id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-')), string.Join(' ', ids));
    }

    private static JsonElement ComponentsOf(string birth, out byte[] json)
    {
        BirthReader reader = new();
        byte[] bytes = Encoding.UTF8.GetBytes(birth);
        Assert.IsTrue(reader.TryRead(bytes, 0, bytes.Length), birth);
        json = DiscoveryDocument.Write(reader, "kitchen", Discovering.Topics, "here").Json;
        return JsonDocument.Parse(json).RootElement.GetProperty("components").Clone();
    }
}
