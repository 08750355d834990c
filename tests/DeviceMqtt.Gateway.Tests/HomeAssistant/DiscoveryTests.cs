using System.Text;
using System.Text.Json;
using DeviceMqtt.HomeAssistant;

namespace DeviceMqtt.Gateway.Tests.HomeAssistant;

[TestClass]
public sealed class DiscoveryTests
{
    private const string Config = "homeassistant/device/dm_kitchen/config";
    private const string State = "ha/kitchen/evt/relay";
    private const string Seven = """{"id":"kitchen","b":7,"up":1000,"evt":["relay"],"cmd":["relay.set! on:b@relay.on"]}""";
    private const string Eight = """{"id":"kitchen","b":8,"up":1000,"evt":["relay"],"cmd":["relay.set! on:b@relay.on"]}""";

    [TestMethod]
    public void Birth_TheSameAgain_ToldOnce()
    {
        Discovering d = new();
        d.Birth(Seven);
        d.Birth(Eight);

        Assert.AreEqual(1, d.Count, "nothing that Home Assistant sees has changed");
        d.Discovery.Forget();
        d.Birth(Eight);
        Assert.AreEqual(2, d.Count);
    }

    [TestMethod]
    public void Document_ThatIsThereAlready_NotPublishedAgain()
    {
        Discovering before = new();
        before.Birth(Seven);
        Discovering d = new();
        d.Take(d.Discovery.SeeDocument(Config, Encoding.UTF8.GetBytes(before.Retained[Config]), static _ => true));

        d.Birth(Seven);

        Assert.AreEqual(0, d.Count);
    }

    /// <summary>Home Assistant's pages on MQTT discovery: a component goes when an update has nothing but its platform; one that is left out stayed for ever, as available as its board.</summary>
    [TestMethod]
    [DataRow(false)]
    [DataRow(true, DisplayName = "the gateway was started anew in between")]
    public void Firmware_HasAStreamLess_ItsEntityIsTakenBackAndTheStateToo(bool isAnew)
    {
        Discovering before = new();
        before.Birth("""{"id":"kitchen","b":7,"tele":{"climate":{"temp":"Cel","hum":"%RH"}},"evt":["relay"],"cmd":["relay.set! on:b@relay.on"]}""");
        before.Event("""{"on":true}""");
        Assert.HasCount(2, before.Retained);
        Discovering d = before;
        if (isAnew)
        {
            d = new Discovering();
            d.Take(d.Discovery.SeeDocument(Config, Encoding.UTF8.GetBytes(before.Retained[Config]), static _ => true));
            d.Discovery.SeeState(State, Encoding.UTF8.GetBytes(before.Retained[State]), static _ => true);
            d.Retained[State] = before.Retained[State];
        }

        d.Birth("""{"id":"kitchen","b":8,"tele":{"climate":{"temp":"Cel"}}}""");

        using JsonDocument update = JsonDocument.Parse(d.Documents[^2]);
        JsonElement components = update.RootElement.GetProperty("components");
        Assert.AreEqual("""{"platform":"sensor"}""", components.GetProperty("climate_hum").GetRawText());
        Assert.IsTrue(components.EnumerateObject().Any(static c => c.Value.GetRawText() == """{"platform":"switch"}"""), d.Documents[^2]);
        Assert.IsEmpty(DiscoveryRules.Broken(Encoding.UTF8.GetBytes(d.Documents[^2])));
        Assert.DoesNotContain("climate_hum", d.Documents[^1], StringComparison.Ordinal);
        Assert.AreEqual(d.Documents[^1], d.Retained[Config]);
        Assert.IsFalse(d.Retained.ContainsKey(State), "the state of a relay that is no more");
        int count = d.Count;
        d.Birth("""{"id":"kitchen","b":8,"tele":{"climate":{"temp":"Cel"}}}""");
        Assert.AreEqual(count, d.Count);
    }

    [TestMethod]
    public void BirthGone_DocumentAndStatesRemoved()
    {
        Discovering d = new();
        d.Birth(Seven);
        d.Event("""{"on":true}""");
        Assert.HasCount(2, d.Retained);

        d.Birth("");

        Assert.IsEmpty(d.Retained);
    }

    [TestMethod]
    [DataRow("""{"origin":{"name":"DeviceMqtt at here"}}""", true)]
    [DataRow("""{"origin":{"name":"DeviceMqtt at another"}}""", false)]
    [DataRow("""{"origin":{"name":"zigbee2mqtt"}}""", false)]
    [DataRow("""{"origin":7}""", false)]
    [DataRow("not JSON", false)]
    public void Document_WithoutADevice_RemovedWhereItIsOursAlone(string json, bool isRemoved)
    {
        Discovering d = new();

        List<Telling> told = [.. d.Discovery.SeeDocument(Config, Encoding.UTF8.GetBytes(json), static _ => false)];

        Assert.HasCount(isRemoved ? 1 : 0, told);
        Assert.IsTrue(told.TrueForAll(static t => t.Topic == Config && t.Payload.Length == 0));
    }

    [TestMethod]
    public void State_OfAStartBefore_IsNotKnownAnyMore()
    {
        Discovering d = new();
        d.Birth(Seven);
        d.Event("""{"on":true}""");
        Assert.AreEqual("""{"on":true,"boot":7}""", d.Retained[State]);

        d.Birth(Eight);

        Assert.AreEqual("""{"boot":8}""", d.Retained[State]);
    }

    [TestMethod]
    public void State_KeptFromBeforeThePowerCut_IsNotKnownAnyMore()
    {
        Discovering d = new();
        d.Discovery.SeeState(State, """{"on":true,"boot":7}"""u8, static _ => true);

        d.Birth(Eight);

        Assert.AreEqual("""{"boot":8}""", d.Retained[State]);
    }

    [TestMethod]
    [DataRow("""{"on":true,"b":7}""", false, DisplayName = "names an earlier start")]
    [DataRow("""{"on":true,"t":900.5,"h":1}""", false, DisplayName = "was before this start")]
    [DataRow("""{"on":true,"t":1100,"h":1}""", true, DisplayName = "late, but of this start")]
    [DataRow("""{"on":true,"b":8}""", true, DisplayName = "names this start")]
    [DataRow("[true]", false, DisplayName = "no object")]
    public void Event_FromTheMemoryOfAnEarlierStart_IsNoState(string json, bool isState)
    {
        Discovering d = new();
        d.Birth(Eight, now: 1001);

        d.Event(json);

        Assert.AreEqual(isState, d.Retained.ContainsKey(State));
    }

    [TestMethod]
    public void Answer_ShowsTheState_UntilAnEventHas()
    {
        Discovering d = new();
        d.Birth(Seven);
        (AnnouncedDevice device, Control control) = d.Discovery.Find("ha/kitchen/cmd/relay.set/on")!.Value;

        d.Take(d.Discovery.SeeAnswer(device, control, """{"on":false}"""));
        Assert.AreEqual("""{"on":false,"boot":7}""", d.Retained[State]);
        d.Event("""{"on":true}""");
        d.Take(d.Discovery.SeeAnswer(device, control, """{"on":false}"""));

        Assert.AreEqual("""{"on":true,"boot":7}""", d.Retained[State]);
    }

    [TestMethod]
    public void Devices_OneTooMany_NotAnnouncedButTheKnownOnesStay()
    {
        Discovering d = new(devicesMax: 1);
        d.Birth(Seven);

        Assert.IsTrue(d.Discovery.IsFullFor("hall"));
        Assert.IsFalse(d.Discovery.IsFullFor("kitchen"));
    }

    [TestMethod]
    [DataRow("ha/kitchen/cmd/relay.set/on", true)]
    [DataRow("ha/kitchen/cmd/relay.set", false)]
    [DataRow("ha/kitchen/evt/relay.set/on", false)]
    [DataRow("xx/kitchen/cmd/relay.set/on", false)]
    [DataRow("ha/hall/cmd/relay.set/on", false)]
    [DataRow("ha/kitchen/cmd/relay.set/on/x", false)]
    public void Find_TopicOfAControl(string topic, bool isFound)
    {
        Discovering d = new();
        d.Birth(Seven);

        Assert.AreEqual(isFound, d.Discovery.Find(topic) is not null);
    }

    // JSON may have one half of a character, and no text can: to write the state failed, and with it the connection, for as long as the message was retained.
    [TestMethod]
    [DataRow("""{"on":true,"x":"\ud800"}""")]
    [DataRow("""{"on":true,"\udfff":1}""")]
    [DataRow("""{"on":true,"x":{"y":["\ud800 "]}}""")]
    [DataRow("""{"b":"\ud800","t":"\udc00","on":true}""")]
    public void Event_ThatIsNoText_NothingIsKept(string json)
    {
        Discovering d = new();
        d.Birth(Seven);
        d.Event("""{"on":false}""");

        d.Event(json);

        StringAssert.Contains(d.Retained[State], "\"on\":false", StringComparison.Ordinal);
        d.Discovery.SeeState(State, Encoding.UTF8.GetBytes(json), static _ => true);
        _ = d.Discovery.SeeDocument(Config, Encoding.UTF8.GetBytes(json), static _ => true);
    }

    // What another gateway keeps for its devices was noted for ever, and was taken back when a device of that name came here.
    [TestMethod]
    public void State_OfADeviceOfAnotherGateway_NotNoted()
    {
        Discovering d = new();
        d.Discovery.SeeState("ha/kitchen/evt/pump", """{"on":true,"boot":7}"""u8, static _ => false);

        d.Birth(Seven);

        Assert.AreEqual(1, d.Count, "the document alone");
    }

    [TestMethod]
    public void State_TakenAwayBySomebody_IsNotThereAnyMore()
    {
        Discovering d = new();
        d.Discovery.SeeState(State, """{"on":true,"boot":7}"""u8, static _ => true);
        d.Discovery.SeeState(State, [], static _ => true);

        d.Birth(Eight);

        Assert.AreEqual(1, d.Count, "the document alone");
    }

    [TestMethod]
    public void States_OfOneDevice_AreBounded()
    {
        Discovering d = new();
        for (int i = 0; i < 10_000; i++)
            d.Discovery.SeeState($"ha/kitchen/evt/e{i}", """{"on":true,"boot":7}"""u8, static _ => true);

        d.Birth(Seven);

        Assert.IsLessThan(100, d.Count);
    }
}
