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
internal sealed class DoctorTests
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

        Assert.AreEqual("“shed” drops off every 60 minutes.", ClientRules.DropsOffRegularly(Client("shed", visits))?.Title);
        visits[2].ToUnixMs += 20 * Minute;
        Assert.IsNull(ClientRules.DropsOffRegularly(Client("shed", visits)), "that is no rhythm");
    }

    [TestMethod]
    public void NeverAcknowledges_Told()
    {
        ClientFacts logger = Client("logger", []) with { IsConnected = true, InFlight = 20, InFlightMax = 20, Waiting = 1000, WaitingMax = 200_000 };

        Assert.AreEqual("20 messages were sent to it without an answer, and 1000 more wait.", ClientRules.NeverAcknowledges(logger)?.Text);
        Assert.IsNull(ClientRules.NeverAcknowledges(logger with { InFlight = 3 }));
    }

    [TestMethod]
    public void QueueNearItsBound_Told()
    {
        ClientFacts camera = Client("cam-2", []) with { IsConnected = true, Waiting = 92, WaitingMax = 100 };

        Assert.AreEqual("The queue of “cam-2” is 92 % full.", ClientRules.QueueNearBound(camera)?.Title);
        Assert.IsNull(ClientRules.QueueNearBound(camera with { Waiting = 70 }));
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
        DeviceEntry garage = new("dm", "garage") { Starts = 9, BrownOuts = 9 };

        Assert.AreEqual("“garage” restarted 9 times: brownout.", DeviceRules.Restarts(garage)?.Title);
        Assert.IsNull(DeviceRules.Restarts(new DeviceEntry("dm", "garage") { Starts = 2, ResetCause = "power" }));
    }

    [TestMethod]
    public void RestartsByCrash_Told() =>
        Assert.AreEqual("“pump” started 6 times.", DeviceRules.Restarts(new DeviceEntry("dm", "pump") { Starts = 6, ResetCause = "crash" })?.Title);

    [TestMethod]
    public void DidNotWake_Told()
    {
        DeviceEntry boiler = new("dm", "boiler") { SleepUntilUnixMs = Now - (6 * Minute) };

        Assert.AreEqual("It was to be back 6 minutes ago.", DeviceRules.Overdue(boiler, Now)?.Text);
        Assert.IsNull(DeviceRules.Overdue(boiler, Now - (6 * Minute)));
    }

    [TestMethod]
    public void SensorFailed_Told() =>
        Assert.AreEqual("A sensor of “attic” does not work.", DeviceRules.SensorsFailed(new DeviceEntry("dm", "attic") { FailedSensors = 1 })?.Title);

    [TestMethod]
    public void RepeatsItsMessages_Told()
    {
        Assert.IsNotNull(DeviceRules.Repeats(new DeviceEntry("dm", "pump") { Repeated = 340, Received = 800 }));
        Assert.IsNull(DeviceRules.Repeats(new DeviceEntry("dm", "pump") { Repeated = 20, Received = 80_000 }), "one in 4,000 is no storm");
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
    [DataRow(IncidentKind.RetainedFull, "a/b", "No room for more retained messages.")]
    [DataRow(IncidentKind.JournalFull, "x", "The journal is full.")]
    [DataRow(IncidentKind.AllQueuesFull, "", "All queues together are full.")]
    [DataRow(IncidentKind.Damaged, "pump", "Messages for “pump” cannot be read from the disk any more.")]
    [DataRow(IncidentKind.UpstreamRefused, "cloud", "The upstream “cloud” does not take all messages.")]
    [DataRow(IncidentKind.LargerThanClient, "pump", "Messages are too large for “pump”.")]
    [DataRow(IncidentKind.ClientRefused, "logger", "“logger” refuses messages.")]
    [DataRow(IncidentKind.LargerThanJournal, "pump", "Messages are larger than the journal has room for.")]
    [DataRow(IncidentKind.LargerThanGateway, "cloud", "“cloud” sends messages that are larger than the gateway takes.")]
    [DataRow(IncidentKind.BridgeNotAllowed, "gw", "“gw” says it is a gateway, and has no such role.")]
    public void Incident_Each_Told(IncidentKind kind, string subject, string title)
    {
        Incident incident = new(kind, subject, Now - Minute) { LastUnixMs = Now, Count = 5, Detail = "the evidence" };

        Note? note = IncidentRules.Look(incident, Now);

        Assert.AreEqual(title, note?.Title);
        Assert.IsGreaterThan(0, note!.Do.Length, "nobody is told what to do");
        Assert.IsNull(IncidentRules.Look(incident, Now + (2 * 60 * Minute)), "the cause is gone");
    }

    [TestMethod]
    [DataRow(IncidentKind.Damaged)]
    [DataRow(IncidentKind.AllQueuesFull)]
    public void AcceptedAndLost_IsBad(IncidentKind kind) =>
        Assert.AreEqual(NoteLevel.Bad, IncidentRules.Look(new Incident(kind, "x", Now) { Count = 1 }, Now)?.Level);

    [TestMethod]
    public void JournalNearItsBound_Told()
    {
        JournalStatus status = new JournalStatus() with { BytesMax = 100, LiveBytes = 85 };

        Assert.AreEqual("The journal is 85 % full.", GatewayRules.JournalNearBound(status)?.Title);
        Assert.AreEqual("The journal is full.", GatewayRules.JournalNearBound(status with { IsFull = true })?.Title);
        Assert.IsNull(GatewayRules.JournalNearBound(status with { LiveBytes = 10 }));
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

        Assert.AreEqual("For 4 minutes: no such name. 12401 messages wait.", note?.Text);
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
        Assert.AreEqual("The backlog for “cloud” is 90 % full.", GatewayRules.RelayNearBound("cloud", 90, 100)?.Title);
        Assert.IsNull(GatewayRules.RelayNearBound("cloud", 10, 100));
    }

    [TestMethod]
    public void TopicThatExplodes_Told()
    {
        Assert.AreEqual("18000 new topics below dm/x in an hour.", GatewayRules.TopicsExplode("dm/x", 18_000)?.Title);
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
    }

    [TestMethod]
    public void OpenToAll_Told()
    {
        Assert.IsNotNull(GatewayRules.OpenToAll(isAnonymous: true));
        Assert.IsNull(GatewayRules.OpenToAll(isAnonymous: false));
    }

    [TestMethod]
    public void DevicesThatAreNotKept_Told() => Assert.IsNotNull(GatewayRules.DevicesNotKept(3, 100));

    private static Visit Ended(long from, long to, CloseReason reason, string address = "10.0.0.7") => new(from, address) { ToUnixMs = to, Reason = reason };

    private static ClientFacts Client(string clientId, IReadOnlyList<Visit> visits) => new(clientId, visits, 0, 0, 20, 0, 1000, HasAllFilter: false, IsConnected: false);

    private static Series Metric(string name, double value, string unit)
    {
        Series series = new(name, new ReadingsBudget(1_000_000)) { Unit = unit };
        series.Add(Now, value, isLate: false, Now);
        return series;
    }
}
