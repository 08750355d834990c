using DeviceMqtt.Broker.Queues;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Devices;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Journal;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Tests.Watching;

/// <summary>Each sentence of the client doctor: what makes it appear, and that it stays away without.</summary>
[TestClass]
internal sealed partial class DoctorTests
{
    private const long Now = 1_800_000_000_000;
    private const long Minute = 60_000;

    [TestMethod]
    public void TwoBoardsWithOneId_Told()
    {
        List<Visit> visits = [.. Enumerable.Range(0, 8).Select(static i => Ended(Now - (8 - i) * Minute, Now - (7 - i) * Minute, CloseReason.SessionTakenOver, i % 2 == 0 ? "10.0.0.40" : "10.0.0.77"))];

        Note? note = ClientRules.TwoWithOneId(Client("press-4", visits), Now);

        Assert.AreEqual("Two clients use the id “press-4”.", note?.Title);
        Assert.AreEqual("They throw each other out, 8 times in the last 10 minutes: 10.0.0.40 and 10.0.0.77.", note?.Text);
        Assert.IsNull(ClientRules.TwoWithOneId(Client("press-4", visits[..2]), Now));
        Assert.IsNull(ClientRules.TwoWithOneId(Client("press-4", visits), Now + (20 * Minute)), "the cause is gone");
        List<Visit> behindOneRouter = [.. visits.Select(static v => Ended(v.FromUnixMs, v.ToUnixMs, v.Reason))];
        Assert.IsNotNull(ClientRules.TwoWithOneId(Client("press-4", behindOneRouter) with { IsFought = true }, Now), "the broker saw how fast they are");
    }

    // One board on a bad Wi-Fi comes back three times in ten minutes, and each time before its old connection has timed out: it was told to be two.
    [TestMethod]
    public void OneBoardThatComesBackEarly_IsNotTwo()
    {
        List<Visit> visits = [.. Enumerable.Range(0, 4).Select(static i => Ended(Now - ((8 - (2 * i)) * Minute), Now - ((7 - (2 * i)) * Minute) + (i % 2 * 40_000), CloseReason.SessionTakenOver))];
        List<Note> notes = [];

        ClientRules.Look(Client("shed", visits) with { IsConnected = true }, Now, notes);

        Assert.AreEqual("reconnects-unnoticed", notes.Single().Rule);
        Assert.AreEqual("4 times in the last 10 minutes, from one place.", ClientRules.ReconnectsUnnoticed(Client("shed", visits), Now)?.Text);
        visits[1] = Ended(visits[1].FromUnixMs, visits[1].ToUnixMs, visits[1].Reason, "10.0.0.8");
        Assert.IsNull(ClientRules.TwoWithOneId(Client("shed", visits), Now), "it was at another access point for a while");
    }

    [TestMethod]
    public void KeepAliveShorterThanTheLoop_Told()
    {
        List<Visit> visits = [.. Enumerable.Range(1, 4).Select(static i => Ended(Now - i * 11 * Minute, Now - i * 10 * Minute, CloseReason.KeepAliveTimeout))];

        Note? note = ClientRules.KeepAliveTooShort(Client("tank", visits) with { KeepAliveSeconds = 10 }, Now);

        Assert.AreEqual("It promises a sign each 10 s and is silent for longer: cut off 4 times in the last hour.", note?.Text);
        Assert.IsNull(ClientRules.KeepAliveTooShort(Client("tank", visits), Now + (2 * 60 * Minute)), "the cause is gone");
    }

    [TestMethod]
    public void DropsOffEachHour_Told()
    {
        List<Visit> visits = [.. Enumerable.Range(0, 5).Select(static i => Ended(Now + i * 60 * Minute + 8_000, Now + (i + 1) * 60 * Minute, CloseReason.ClientGone))];

        long now = Now + (5 * 60 * Minute) + Minute;
        Assert.AreEqual("“shed” drops off every 60 minutes.", ClientRules.DropsOffRegularly(Client("shed", visits), now)?.Title);
        Assert.IsNull(ClientRules.DropsOffRegularly(Client("shed", visits), now + (3 * 7 * 24 * 60 * Minute)), "that was three weeks ago");
        visits[2] = Ended(visits[2].FromMs, visits[2].ToMs + (20 * Minute), CloseReason.ClientGone);
        Assert.IsNull(ClientRules.DropsOffRegularly(Client("shed", visits), now), "that is no rhythm");
    }

    [TestMethod]
    public void WakesEachHourAndSaysNoDisconnect_IsNoTroubleOfTheRouter()
    {
        List<Visit> visits = [.. Enumerable.Range(0, 5).Select(static i => Ended(Now + (i * 60 * Minute), Now + (i * 60 * Minute) + 8_000, CloseReason.ClientGone))];

        Assert.IsNull(ClientRules.DropsOffRegularly(Client("shed", visits), Now + (4 * 60 * Minute) + Minute));
    }

    [TestMethod]
    public void NeverAcknowledges_Told()
    {
        ClientFacts logger = Client("logger", []) with { IsConnected = true, InFlight = 20, InFlightMax = 20, Waiting = 1000, TookNothingMs = 45_000 };

        Assert.AreEqual("For 45 seconds: 20 messages were sent to it without an answer, and 1,000 more wait.", ClientRules.NeverAcknowledges(logger)?.Text);
        Assert.IsNull(ClientRules.NeverAcknowledges(logger with { InFlight = 3 }));
        Assert.IsNull(ClientRules.NeverAcknowledges(logger with { TookNothingMs = 200 }), "it only catches up");
    }

    [TestMethod]
    public void QueueNearItsBound_Told()
    {
        ClientFacts camera = Client("cam-2", []) with { IsConnected = true, Waiting = 92, Queue = new Fullness(0.92, FullBound.Bytes) };

        Assert.AreEqual("The queue of “cam-2” is 92 % full.", ClientRules.QueueNearBound(camera)?.Title);
        Assert.AreEqual("Have it read faster, or raise Limits:QueueBytesMax.", ClientRules.QueueNearBound(camera)?.Do);
        Assert.AreEqual("Have it read faster, or raise Limits:QueueMessagesMax.", ClientRules.QueueNearBound(camera with { Queue = new Fullness(0.9, FullBound.Messages) })?.Do);
        Assert.AreEqual("The user of “cam-2” has 90 % of what may wait for it.", ClientRules.QueueNearBound(camera with { Queue = new Fullness(0.9, FullBound.Share) })?.Title);
        Assert.IsNull(ClientRules.QueueNearBound(camera with { Queue = new Fullness(0.7, FullBound.Bytes) }));
    }

    [TestMethod]
    public void MailboxNearItsBound_Told()
    {
        Assert.AreEqual("The mailbox of “pump” is 85 % full.", ClientRules.MailboxNearBound("pump", 85, new Fullness(0.85, FullBound.Messages))?.Title);
        Assert.IsNull(ClientRules.MailboxNearBound("pump", 70, new Fullness(0.7, FullBound.Messages)));
    }

    [TestMethod]
    public void AllQueuesNearTheirBound_Told()
    {
        Assert.AreEqual("All queues together are 85 % full.", GatewayRules.QueuesNearBound(85, 100)?.Title);
        Assert.IsNull(GatewayRules.QueuesNearBound(70, 100));
    }

    [TestMethod]
    public void SubscribesToAll_Told()
    {
        ClientFacts red = Client("node-red", []) with { IsConnected = true, HasAllFilter = true };

        Assert.AreEqual("“node-red” subscribes to #.", ClientRules.SubscribesToAll(red)?.Title);
        Assert.IsNull(ClientRules.SubscribesToAll(red with { HasAllFilter = false }));
    }

    [TestMethod]
    public void ClockNotSet_Told()
    {
        DeviceEntry attic = new("dm", "attic") { HasClockWrong = true };

        Assert.AreEqual("“attic” has no clock.", DeviceRules.ClockNotSet(attic)?.Title);
        Assert.IsNull(DeviceRules.ClockNotSet(new DeviceEntry("dm", "attic")));
    }

    [TestMethod]
    public void Brownouts_Told()
    {
        DeviceEntry garage = Started("garage", 9, isBrownOut: true);

        Assert.AreEqual("“garage” restarted 9 times in a day: brownout.", DeviceRules.Restarts(garage, Look)?.Title);
        Assert.IsNull(DeviceRules.Restarts(garage, Look with { NowMs = Look.NowMs + (25 * 60 * Minute) }), "the cause is gone");
        Assert.AreEqual("“garage” restarted 16 times or more in a day: brownout.", DeviceRules.Restarts(Started("garage", 40, isBrownOut: true), Look)?.Title);
        Assert.IsNull(DeviceRules.Restarts(Started("garage", 2, isBrownOut: false), Look));
    }

    [TestMethod]
    public void RestartsByCrash_Told()
    {
        DeviceEntry pump = Started("pump", 6, isBrownOut: false);
        pump.ResetCause = "crash";

        Assert.AreEqual("“pump” started 6 times in a day.", DeviceRules.Restarts(pump, Look)?.Title);
        Assert.IsNull(DeviceRules.Restarts(pump, Look with { NowMs = Look.NowMs + (25 * 60 * Minute) }), "the cause is gone");
    }

    [TestMethod]
    public void DidNotWake_Told()
    {
        DeviceEntry boiler = new("dm", "boiler") { HeardUnixMs = Now - (20 * Minute) };

        Assert.AreEqual("It was to be back 6 minutes ago.", DeviceRules.Overdue(boiler, Look with { BackUnixMs = Now - (6 * Minute) })?.Text);
        Assert.IsNull(DeviceRules.Overdue(boiler, Look), "the list has it asleep, or here");
    }

    // It moved behind a gateway below, and for weeks it "did not wake".
    [TestMethod]
    public void DidNotWake_HeardOfSince_IsAwake() =>
        Assert.IsNull(DeviceRules.Overdue(new DeviceEntry("dm", "boiler") { HeardUnixMs = Now - Minute }, Look with { BackUnixMs = Now - (6 * Minute) }));

    [TestMethod]
    public void SensorFailed_Told() =>
        Assert.AreEqual("A sensor of “attic” does not work.", DeviceRules.SensorsFailed(new DeviceEntry("dm", "attic") { FailedSensors = 1 })?.Title);

    [TestMethod]
    public void RepeatsItsMessages_Told()
    {
        DeviceEntry pump = Received(800, everyNthTwice: 2);

        Assert.IsNotNull(DeviceRules.Repeats(pump, Look));
        Assert.IsNull(DeviceRules.Repeats(pump, Look with { NowMs = Look.NowMs + (2 * 60 * Minute) }), "the cause is gone");
        Assert.IsNull(DeviceRules.Repeats(Received(80_000, everyNthTwice: 4_000), Look), "one in 4,000 is no storm");
    }

    [TestMethod]
    public void LastWordsOfABoardThatIsGone_AreNoNews()
    {
        DeviceEntry shed = new("dm", "shed") { HeardUnixMs = Now, HasClockWrong = true, FailedSensors = 1 };
        StreamEntry stream = new(shed, "x");
        stream.Series.AddRange([Metric("rssi", -90, "dBm"), Metric("batt", 5, "%EL")]);
        shed.Streams.Add(stream);
        List<Note> now = [], monthsLater = [];

        DeviceRules.Look(shed, Look, now);
        DeviceRules.Look(shed, Look with { NowUnixMs = Now + (60L * 24 * 60 * Minute) }, monthsLater);

        Assert.HasCount(4, now);
        Assert.IsEmpty(monthsLater);
    }

    [TestMethod]
    public void WeakSignal_Told()
    {
        Assert.AreEqual("“pump” has a weak signal.", DeviceRules.WeakSignal(new DeviceEntry("dm", "pump"), Metric("rssi", -86, "dBm"))?.Title);
        Assert.IsNull(DeviceRules.WeakSignal(new DeviceEntry("dm", "pump"), Metric("rssi", -60, "dBm")));
    }

    [TestMethod]
    public void LowBattery_Told()
    {
        Assert.AreEqual("12 % are left.", DeviceRules.LowBattery(new DeviceEntry("dm", "shed"), Metric("batt", 12, "%EL"))?.Text);
        Assert.IsNull(DeviceRules.LowBattery(new DeviceEntry("dm", "shed"), Metric("batt", 3.7, "V")));
    }

    [TestMethod]
    [DataRow(IncidentKind.MalformedConnect, "10.0.0.93", "10.0.0.93 sends a malformed CONNECT.")]
    [DataRow(IncidentKind.TlsOnPlainPort, "10.0.0.91", "10.0.0.91 speaks TLS to a port without TLS.")]
    [DataRow(IncidentKind.PlainOnTlsPort, "10.0.0.92", "10.0.0.92 speaks without TLS to a port with TLS.")]
    [DataRow(IncidentKind.HttpOnMqttPort, "10.0.0.92", "10.0.0.92 speaks HTTP to a port for MQTT.")]
    [DataRow(IncidentKind.NoConnect, "10.0.0.5", "10.0.0.5 connects and says nothing.")]
    [DataRow(IncidentKind.NotAuthorized, "10.0.0.6", "10.0.0.6 is refused again and again.")]
    [DataRow(IncidentKind.ClientIdRejected, "10.0.0.6", "10.0.0.6 has an id that is not allowed.")]
    [DataRow(IncidentKind.OutputStalled, "cam-2", "“cam-2” does not read.")]
    [DataRow(IncidentKind.BadPacket, "old", "“old” sends packets that are not allowed.")]
    [DataRow(IncidentKind.QueueFull, "logger", "“logger” loses messages.")]
    [DataRow(IncidentKind.MailboxFull, "pump", "The mailbox of “pump” is full.")]
    [DataRow(IncidentKind.NotAllowed, "x", "“x” publishes where it may not.")]
    [DataRow(IncidentKind.P2PNotAllowed, "x", "“x” tries to command a device.")]
    [DataRow(IncidentKind.SenderForged, "x", "“x” sends commands in the name of another.")]
    [DataRow(IncidentKind.TargetUnknown, "y", "Commands go to “y”, which nobody is.")]
    [DataRow(IncidentKind.UpstreamDropped, "cloud", "Messages for the upstream “cloud” were dropped.")]
    [DataRow(IncidentKind.AsideFull, "cloud", "Messages that the upstream “cloud” does not take were dropped.")]
    [DataRow(IncidentKind.RetainedFull, "a/b", "No room for more retained messages.")]
    [DataRow(IncidentKind.JournalFull, "", "The journal had no room for messages.")]
    [DataRow(IncidentKind.AllQueuesFull, "", "All queues together are full.")]
    [DataRow(IncidentKind.Damaged, "pump", "Messages for “pump” cannot be read from the disk any more.")]
    [DataRow(IncidentKind.UpstreamRefused, "cloud", "The upstream “cloud” does not take all messages.")]
    [DataRow(IncidentKind.LargerThanClient, "pump", "Messages are too large for “pump”.")]
    [DataRow(IncidentKind.ClientRefused, "logger", "“logger” refuses messages.")]
    [DataRow(IncidentKind.LargerThanJournal, "pump", "Messages are larger than the journal has room for.")]
    [DataRow(IncidentKind.LargerThanGateway, "cloud", "“cloud” sends messages that are larger than the gateway takes.")]
    [DataRow(IncidentKind.SubscriptionRefused, "panel", "“panel” does not get all that it subscribes to.")]
    [DataRow(IncidentKind.GatewayFault, "", "A fault of the gateway kept messages from their subscribers.")]
    [DataRow(IncidentKind.BridgeNotAllowed, "gw", "“gw” says it is a gateway, and has no such role.")]
    public void Incident_Each_Told(IncidentKind kind, string subject, string title)
    {
        Incident incident = new(kind, subject, Now - Minute) { LastMs = Now, Count = 5, Detail = "the evidence" };

        Note? note = IncidentRules.Look(incident, Now, Now);

        Assert.AreEqual(title, note?.Title);
        Assert.IsGreaterThan(0, note!.Do.Length, "nobody is told what to do");
        Assert.IsNull(IncidentRules.Look(incident, Now + (2 * 60 * Minute), Now), "the cause is gone");
    }

    [TestMethod]
    [DataRow(IncidentKind.Damaged)]
    [DataRow(IncidentKind.AllQueuesFull)]
    public void AcceptedAndLost_IsBad(IncidentKind kind) =>
        Assert.AreEqual(NoteLevel.Bad, IncidentRules.Look(new Incident(kind, "x", Now) { Count = 1 }, Now, Now)?.Level);

    [TestMethod]
    public void JournalNearItsBound_Told()
    {
        JournalStatus status = new JournalStatus() with { BytesMax = 1_000, BytesAttainable = 1_000, LiveBytes = 638 };

        Assert.AreEqual("The journal is 85 % full.", GatewayRules.JournalNearBound(status)?.Title);
        Assert.AreEqual("The journal is full.", GatewayRules.JournalNearBound(status with { IsFull = true })?.Title);
        Assert.IsNull(GatewayRules.JournalNearBound(status with { LiveBytes = 10 }));
        Assert.IsNull(GatewayRules.JournalNearBound(status with { LiveBytes = 500 }));
        // A full card: the cap is far away, and the floor of free space is not.
        Note? fullCard = GatewayRules.JournalNearBound(status with { LiveBytes = 500, BytesAttainable = 700 });
        Assert.AreEqual("The journal is 95 % full.", fullCard?.Title);
        StringAssert.StartsWith(fullCard?.Do, "Free space on the disk.", StringComparison.Ordinal);
    }

    [TestMethod]
    public void JournalDamaged_ToldUntilARestart()
    {
        Assert.AreEqual("Since the start 2 pieces of the journal could not be read.", GatewayRules.JournalDamaged(new JournalStatus() with { Damaged = 2 })?.Text);
        Assert.IsNull(GatewayRules.JournalDamaged(new JournalStatus()));
    }

    [TestMethod]
    public void LedgerThatDoesNotBalance_Told()
    {
        Assert.AreEqual(NoteLevel.Bad, GatewayRules.LedgerUnbalanced(isBalanced: false)?.Level);
        Assert.IsNull(GatewayRules.LedgerUnbalanced(isBalanced: true));
    }

    [TestMethod]
    public void UpstreamAway_ToldWithWhatToDo()
    {
        UplinkStatus status = new(UplinkState.Disconnected, DateTimeOffset.FromUnixTimeMilliseconds(Now - (4 * Minute)), new UplinkEnd(UplinkEndReason.NameNotFound, "cloud"), "mqtt://cloud", "");

        Note? note = GatewayRules.UpstreamDown("cloud", status, waiting: 12_401, Now);

        Assert.AreEqual("For 4 minutes: no such name. 12,401 messages wait.", note?.Text);
        Assert.AreEqual("For 4 minutes: no such name. 1 message waits.", GatewayRules.UpstreamDown("cloud", status, waiting: 1, Now)?.Text);
        Assert.AreEqual("Check the name in the setting, and DNS on this machine.", note?.Do);
        Assert.IsNull(GatewayRules.UpstreamDown("cloud", status with { State = UplinkState.Connected }, waiting: 0, Now));
        // The page of the relay says at once that it is down: the page of health is not to say "Nothing to report" for a minute.
        Assert.IsNotNull(GatewayRules.UpstreamDown("cloud", status with { Since = DateTimeOffset.FromUnixTimeMilliseconds(Now - 20_000) }, waiting: 0, Now));
        Assert.IsNull(GatewayRules.UpstreamDown("cloud", status with { Since = DateTimeOffset.FromUnixTimeMilliseconds(Now - 5_000) }, waiting: 0, Now), "a broker that was started again");
    }

    [TestMethod]
    public void UpstreamEnd_Each_HasWords()
    {
        foreach (UplinkEndReason reason in Enum.GetValues<UplinkEndReason>())
            Assert.IsTrue(UpstreamWords.Of(reason).Length > 0 && UpstreamWords.Todo(reason).Length > 0, reason.ToString());
    }

    [TestMethod]
    public void SetAside_Told()
    {
        Assert.AreEqual("The upstream “cloud” does not take 2 messages.", GatewayRules.SetAside("cloud", 2)?.Title);
        Assert.IsNull(GatewayRules.SetAside("cloud", 0));
    }

    [TestMethod]
    public void BacklogNearItsBound_Told()
    {
        Assert.AreEqual("The backlog for “cloud” is 90 % full.", GatewayRules.RelayNearBound("cloud", 90, new Fullness(0.9, FullBound.Messages))?.Title);
        Assert.AreEqual("Bring the upstream back, or raise Limits:RelayBytesMax.", GatewayRules.RelayNearBound("cloud", 90, new Fullness(0.9, FullBound.Bytes))?.Do);
        Assert.IsNull(GatewayRules.RelayNearBound("cloud", 10, new Fullness(0.1, FullBound.Bytes)));
    }

    [TestMethod]
    public void TopicThatExplodes_Told()
    {
        Assert.AreEqual("18,000 new topics below dm/x in an hour.", GatewayRules.TopicsExplode("dm/x", 18_000)?.Title);
        Assert.IsNull(GatewayRules.TopicsExplode("dm/x", 100));
    }

    [TestMethod]
    public void ConnectionsNearTheirBound_Told() =>
        Assert.IsNotNull(GatewayRules.ConnectionsNearBound(95, new GatewayLimits { ConnectionsMax = 100 }));

    [TestMethod]
    public void CertificateEnds_Told()
    {
        const long Day = 86_400_000;

        Assert.AreEqual("The certificate ends in 12 days.", GatewayRules.CertificateEnds("server.pem", Now + (12 * Day), Now)?.Title);
        Assert.AreEqual("The certificate has ended.", GatewayRules.CertificateEnds("server.pem", Now, Now)?.Title);
        Assert.IsNull(GatewayRules.CertificateEnds("server.pem", Now + (15 * Day), Now));
        Assert.AreEqual("The certificate is not valid yet.", GatewayRules.CertificateNotYet("server.pem", Now + 1, Now)?.Title);
        Assert.IsNull(GatewayRules.CertificateNotYet("server.pem", Now, Now));
    }

    [TestMethod]
    public void OpenToAll_Told()
    {
        Assert.IsNotNull(GatewayRules.OpenToAll(isAnonymous: true));
        Assert.IsNull(GatewayRules.OpenToAll(isAnonymous: false));
    }

    [TestMethod]
    [DataRow(NotKeptCause.Devices, "Raise Limits:KnownDevicesMax.")]
    [DataRow(NotKeptCause.Memory, "Raise Console:ReadingsBytesMax, or forget devices that are gone.")]
    [DataRow(NotKeptCause.LongName, "Give them shorter names: the second level of their topics.")]
    public void DevicesThatAreNotKept_ToldWithTheirCause(NotKeptCause cause, string todo) => Assert.AreEqual(todo, GatewayRules.DevicesNotKept(cause, new GatewayLimits())?.Do);

    private static Visit Ended(long from, long to, CloseReason reason, string address = "10.0.0.7") => Over(new(1, from, from, address), to, reason);

    private static Visit Over(Visit visit, long to, CloseReason reason)
    {
        visit.End(to, to, reason);
        return visit;
    }

    private static ClientFacts Client(string clientId, IReadOnlyList<Visit> visits) => new(clientId, visits) { InFlightMax = 20 };

    private static DeviceLook Look => new(Now, 5_000 * Minute);

    private static DeviceEntry Started(string name, int times, bool isBrownOut)
    {
        DeviceEntry device = new("dm", name);
        for (int i = 0; i < times; i++)
            device.Started(Look.NowMs - (i * Minute), isBrownOut);
        return device;
    }

    private static DeviceEntry Received(int readings, int everyNthTwice)
    {
        DeviceEntry device = new("dm", "pump");
        for (int i = 0; i < readings; i++)
            device.Count(i % everyNthTwice == 0, Look.NowMs);
        return device;
    }

    private static Series Metric(string name, double value, string unit)
    {
        Series series = new(name, new ReadingsBudget(1_000_000)) { Unit = unit };
        series.Add(Now, value, isLate: false, Now);
        return series;
    }
}
