using System.Reflection;
using System.Text.RegularExpressions;
using DeviceMqtt.Broker.Defaults;
using DeviceMqtt.Broker.Grounds;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Tests.Pages;
using DeviceMqtt.Gateway.Watching;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>No sentence of the doctor is without a test, nothing that the broker drops is without a sentence or a reason for having none, and the page counts them right.</summary>
[TestClass]
public sealed partial class DoctorRuleTests
{
    // What happens where all is well.
    private static readonly Dictionary<DropReason, string> WithoutASentence = new()
    {
        [DropReason.Expired] = "its publisher asked for that",
        [DropReason.SessionEnded] = "its client was away for longer than it may be",
        [DropReason.P2PTargetAbsent] = "QoS 0 does not wait",
        [DropReason.UserGone] = "whoever removed the user asked for that",
        [DropReason.Restored] = "an operator restored a backup; the log says how many, and the status what else that means",
        [DropReason.DeviceElsewhere] = "a board that moves between gateways: that is what it is for",
        [DropReason.UpstreamAway] = "the sentence is about the upstream that is away",
        [DropReason.NotAskedFor] = "an upstream that sends more than it is asked for does no harm",
        [DropReason.CameBack] = "two gateways in a circle: that is what it is for",
        [DropReason.DroppedByOperator] = "an operator wanted it",
        [DropReason.NotDurable] = "the settings asked for that; the log says how many at the next start",
    };

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(Path.Combine(Tree.Root(), folder), "*.cs").Select(File.ReadAllText);

    // Each rule has a name in quotes before its level.
    private static string[] RuleNames() => [.. Sources("gateway/DeviceMqtt.Gateway/Doctor").SelectMany(static text => RuleName().Matches(text)).Select(static match => match.Groups[1].Value).Distinct(StringComparer.Ordinal)];

    [TestMethod]
    public void Rule_Each_HasATest()
    {
        string tests = File.ReadAllText(Path.Combine(Tree.Root(), "tests/DeviceMqtt.Gateway.Tests/Watching/DoctorTests.cs"));
        MethodInfo[] rules = [.. ((Type[])[typeof(ClientRules), typeof(DeviceRules), typeof(GatewayRules)]).SelectMany(static type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.DeclaredOnly)).Where(static method => method.ReturnType == typeof(Note))];

        string[] untested = [.. rules.Where(rule => !tests.Contains($"{rule.DeclaringType!.Name}.{rule.Name}(", StringComparison.Ordinal)).Select(static rule => $"{rule.DeclaringType!.Name}.{rule.Name}")];

        Assert.IsGreaterThan(15, rules.Length);
        Assert.AreEqual("", string.Join(", ", untested), "sentences without a test in DoctorTests");
    }

    // The doctor looks at all of them every two seconds while a page is open: for ten thousand that are well it must not make ten thousand of anything.
    [TestMethod]
    public void Look_AtOneThatIsWell_MakesNothing()
    {
        DeviceEntry device = new("dm", "kitchen");
        StreamEntry stream = new(device, "climate");
        device.Streams.Add(stream);
        Series signal = new("rssi", new ReadingsBudget(100_000));
        signal.Add(1, -60, isLate: false, 1);
        stream.Series.Add(signal);
        ClientFacts client = new("kitchen", [new Visit(1, 1, 1, "192.168.1.40")]) { InFlightMax = 20, IsConnected = true };
        List<Note> notes = [];
        void Look()
        {
            ClientRules.Look(client, 1_000, notes);
            DeviceRules.Look(device, new DeviceLook(1_000, 1_000), notes);
        }

        Look(); // once for what a first call makes
        long before = GC.GetAllocatedBytesForCurrentThread();
        Look();

        Assert.AreEqual(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.IsEmpty(notes);
    }

    [TestMethod]
    public void Incident_Each_HasASentenceAndATest()
    {
        string tests = File.ReadAllText(Path.Combine(Tree.Root(), "tests/DeviceMqtt.Gateway.Tests/Watching/DoctorTests.cs"));
        foreach (IncidentKind kind in Enum.GetValues<IncidentKind>())
        {
            if (kind == IncidentKind.ClientIdFought)
                continue; // told of the visits of the client: ClientRules.TwoWithOneId
            if (kind == IncidentKind.KeepAliveTimeout)
                continue; // as well: ClientRules.KeepAliveTooShort
            Assert.IsNotNull(IncidentRules.Look(new Incident(kind, "x", 1) { Count = 5 }, 1, 1), $"{kind} has no sentence");
            Assert.Contains($"[DataRow(IncidentKind.{kind},", tests, StringComparison.Ordinal, $"{kind} has no test");
        }
    }

    [TestMethod]
    public void DropReason_Each_HasASentenceOrAReasonForNone()
    {
        GatewayLimits limits = new();
        WallClock clock = new Ground(new FakeTime(), limits).Clock;
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            IncidentBook incidents = new(clock);
            new WatchEvents(new NoEvents(), new ClientBook(clock, clientsMax: 10, bytesMax: 100_000), incidents).Dropped(new Drop(reason, DropOwner.Client("x"), "t", 1));
            Assert.AreEqual(!WithoutASentence.ContainsKey(reason), incidents.All.Count() == 1, $"{reason}: a sentence, or a reason for none, and not both");
            Assert.AreEqual(DropWords.For(reason, limits).IsOrdinary, WithoutASentence.ContainsKey(reason), $"{reason}: what the log warns of has a sentence");
        }
    }

    [TestMethod]
    public void Checks_OnThePage_AsManyAsThereAre()
    {
        int incidents = Enum.GetValues<IncidentKind>().Length - 2; // two are told of the visits
        Assert.AreEqual(DoctorRound.Checks, RuleNames().Length + incidents, string.Join(", ", RuleNames()));
    }

    [GeneratedRegex("\"([a-z]+(?:-[a-z]+)*)\", (?:NoteLevel|device\\.)")]
    private static partial Regex RuleName();
}
