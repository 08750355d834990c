namespace DeviceMqtt.Simulation.Faults;

/// <summary>What the finding must say, for each planted fault: one of these. If another check finds it and none of these, the one that was made for it sees nothing.</summary>
internal static class FaultWords
{
    private const string Lost = "never got";
    private const string Twice = ", of QoS 2, ";
    private const string GivenTwice = "retained and of QoS 2";
    private const string Custody = "still in custody";
    private const string NotAsked = "which it has not asked for";
    private const string Starves = "does not come to rest";
    private const string Session = "the Session of";
    private const string NoStart = "does not start";
    private const string Shows = "shows number";
    private const string Shown = "and shown as";
    private const string Before = "was there before";
    private const string Goodbye = "had said goodbye";
    private const string InLedger = "and the ledger has";
    private const string Unexplained = "nobody knows what became of it";

    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["disk: sync does nothing"] = [NoStart, Lost, Session, Shows],
        ["disk: the names are not synced"] = [NoStart, Lost, Session, Shows],
        ["disk: a write is lost"] = [NoStart, Lost, Session],
        ["disk: what the system shows after a failed sync is believed"] = [NoStart, Lost, Session, Shows],
        ["disk: commits end"] = [Lost, Starves],
        ["time: the wall is what waiting is counted by"] = [Session, Lost],
        ["time: half of what a message waits is not counted"] = ["after it had expired", Shown],
        ["wills: one with a delay is forgotten by a start"] = [Shown],
        ["wills: one with a delay is published although its client is back"] = [Shown],
        ["topics: all are taken for volatile"] = [Lost],
        ["custody: NewWaitingList"] = ["behind number"],
        ["custody: Sent"] = [GivenTwice, Twice],
        ["custody: Received"] = [Twice, GivenTwice],
        ["custody: Settle"] = [Custody],
        ["custody: SettleTwice"] = [Custody, "the ledger does not balance"],
        ["custody: Retain"] = [Lost, Shows],
        ["custody: Unretain"] = [Shows],
        ["custody: SessionBegan"] = [Session],
        ["custody: SessionLeft"] = [Session],
        ["custody: Unsubscribed"] = [NotAsked],
        ["custody: Owed"] = [Lost],
        ["custody: RetainedGiven"] = [GivenTwice],
        ["custody: InboundOpened"] = [Twice],
        ["custody: InboundClosed"] = [Lost],
        ["custody: WillIs"] = [Shown],
        ["routes: sends a PUBLISH to another client"] = [NotAsked],
        ["routes: sends under another topic"] = ["and it was published to"],
        ["routes: takes UNSUBSCRIBE for PINGREQ"] = [NotAsked],
        ["routes: changes a byte of a large payload"] = ["with other contents"],
        ["routes: cuts a large payload"] = ["with other contents"],
        ["routes: loses a PUBLISH to a clean Session"] = ["with its clean Session"],
        ["routes: adds a day to what a PUBLISH has to live"] = ["after it had expired"],
        ["packets: answers PINGREQ with nothing"] = ["gets no PINGRESP"],
        ["packets: forgets PUBREL"] = [Starves],
        ["packets: forgets PUBREC"] = [Custody, Starves, Lost],
        ["packets: acknowledges a PUBLISH and forgets it"] = [Lost],
        ["packets: forgets RETAIN"] = [Lost, Shows],
        ["packets: handles a PUBLISH of QoS 2 as QoS 0 as well"] = [Twice],
        ["packets: takes SUBSCRIBE for PINGREQ"] = [Lost],
        ["packets: sends a PUBLISH of QoS 2 twice"] = [Twice, GivenTwice],
        ["packets: sends two PUBLISH in the wrong order"] = ["behind number"],
        ["packets: loses a PUBLISH"] = [Lost],
        ["packets: loses PUBCOMP"] = [Starves],
        ["packets: loses SUBACK"] = [Starves],
        ["packets: sends a foreign payload"] = ["which nobody published", "with other contents"],
        ["packets: says that there is no Session"] = [Session],
        ["packets: takes a broken connection for a DISCONNECT"] = [Shown],
        ["disk: a bit of a frame goes wrong"] = [NoStart],
        ["disk: nobody looks whether its folder is there"] = [NoStart, Lost, Session, Shows],
        ["stop: forgets the Wills of who is there"] = [Shown],
        // Of take-overs.
        ["take-over: the new connection does not wait for what the old one has sent"] = [Before, Goodbye],
        ["take-over: nobody asks what lies unread in the socket"] = [Before, Goodbye],
        ["take-over: does not read a DISCONNECT"] = [Goodbye],
        ["take-over: takes the last message for a goodbye"] = ["without a goodbye"],
        ["take-over: passes over a QoS 0 message"] = ["of QoS 0 was there before"],
        // Of small bounds.
        ["bounds: as many messages wait for a Session as like"] = ["messages wait for one Session"],
        ["bounds: as many bytes wait for a Session as like"] = ["bytes wait for one Session"],
        ["bounds: as many bytes wait for all as like"] = ["bytes wait for all"],
        ["bounds: as many P2P messages wait as like"] = ["P2P messages wait for one device"],
        ["bounds: as much is retained as likes"] = ["messages are retained"],
        ["bounds: as much is in flight to a client as likes"] = ["in flight to one client", "messages at once"],
        ["bounds: as many messages wait for an upstream as like"] = ["for one upstream"],
        ["bounds: as much is in flight to an upstream as likes"] = ["in flight to one upstream"],
        ["packets: does not mind the Receive Maximum of a client"] = ["messages at once"],
        ["packets: forgets PUBACK"] = [Starves, Custody, Lost],
        ["custody: what is dropped counts as delivered"] = [InLedger],
        ["custody: what is dropped for an upstream counts as delivered"] = [InLedger],
        // Of the relay.
        ["wire: stops without a goodbye"] = ["is gone, and"],
        ["wire: takes commands that have waited for fresh"] = ["after it had expired"],
        ["tap: does not look at via"] = [Twice, "it goes round"],
        ["time: the wall is what waiting for an upstream is counted by"] = ["has expired for"],
        ["time: half of what waits for an upstream is not counted"] = ["after it had expired", "has expired for"], // too early: a start takes the half that was not counted for time that the gateway was off
        ["custody: Packet Identifiers begin at 1 again after a restart"] = [Twice, Lost],
        ["custody: PUBREC is not kept"] = [Twice],
        ["custody: the cursor moves before the acknowledgement"] = [Lost],
        ["custody: the cursor does not move"] = [Custody],
        ["custody: what was set aside is forgotten over a restart"] = ["is not any more"],
        // Of commands.
        ["board: forgets its file"] = ["was carried out 2 times", "was carried out 3 times"],
        ["time: half of what a command waits is not counted"] = ["ms after it was acknowledged"],
        ["custody: ReceiptOwed"] = [Unexplained],
        ["custody: the end of a command and its receipt are not in one frame"] = [Unexplained],
        ["packets: routes a command to another device"] = ["which is for"],
        ["packets: hands over all that waits at once"] = ["more commands than it can keep"],
        ["packets: tells nobody what became of a command"] = [Unexplained],
        ["packets: acknowledges a command and forgets it"] = [Unexplained],
        ["packets: takes an answer for nothing"] = ["and did not come", Unexplained],
        ["packets: shows nobody who has gone"] = [Shown],
        // Of a restore.
        ["the upstream is believed to have let go what it has open"] = [Lost],
        ["who cannot be told does not let go what it has open"] = [Lost],
        // Of access.
        ["access: nobody looks whom a change is about"] = ["which it may not have", "where mouth", "may not command", "for the user of that name before"],
        ["access: takes who cannot be asked about for gone"] = [Lost],
        ["access: takes a new user of a name for the one before"] = ["for the user of that name before"],
        ["access: does not look at what waits"] = ["which it may not have"],
        ["access: lets everybody publish"] = ["may not publish"],
        ["access: lets everybody command"] = ["may not command"],
        // Of time.
        ["time: sure of all"] = [" ms off"],
        ["packets: takes what comes late for measured now"] = [" ms off"],
        ["packets: takes all boots for one"] = [" ms off"],
    };

    /// <summary>A fault that is not in the table may be found by any check.</summary>
    public static bool AreIn(string finding, string fault) => !Words.TryGetValue(fault, out string[]? words) || Array.Exists(words, w => finding.Contains(w, StringComparison.Ordinal));
}
