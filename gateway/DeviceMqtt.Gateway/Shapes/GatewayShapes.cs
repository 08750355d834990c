namespace DeviceMqtt.Gateway.Shapes;

/// <summary>What the API says about the gateway. Times are milliseconds since 1970; what is not known is left out.</summary>
internal static class GatewayShapes
{
    /// <summary>Who is asking, and whether anybody may log in yet.</summary>
    /// <param name="State">welcome (there is no operator yet), login, or in.</param>
    /// <param name="User">Who is logged in.</param>
    /// <param name="Role">monitor or operator.</param>
    /// <param name="Host">Name of the machine. Left out before a login, as is all that a stranger need not know.</param>
    /// <param name="Version">Of the gateway. Left out before a login.</param>
    /// <param name="Secure">The page came over TLS.</param>
    /// <param name="Kept">An operator who is made now outlives the process. Left out where a login is asked for.</param>
    internal sealed record Session(string State, string? User, string? Role, string? Host, string? Version, bool Secure, bool? Kept);

    /// <summary>What the console needs for its first picture.</summary>
    /// <param name="Session">Who is asking.</param>
    /// <param name="Devices">The first page of the list; left out before a login, and where it was not asked for.</param>
    internal sealed record Start(Session Session, DeviceShapes.Page? Devices);

    /// <summary>A login.</summary>
    internal sealed record Login(string Name, string Password);

    /// <summary>The first operator.</summary>
    internal sealed record Welcome(string Code, string Name, string Password);

    /// <summary>A client.</summary>
    internal sealed record Client(
        string ClientId, bool Connected, string? Role, string? Version, string Address, long Since, int KeepAlive, int Subscriptions, int InFlight, int Waiting, long WaitingBytes,
        int WaitingMax, bool Durable, long Ends);

    /// <summary>A page of clients.</summary>
    internal sealed record Clients(int Total, int Matched, int Offset, long Now, IReadOnlyList<Client> Items);

    /// <summary>One level of the topics.</summary>
    /// <param name="Level">Its name.</param>
    /// <param name="Path">Whole name down to here.</param>
    /// <param name="Topics">Topics with messages, here and below.</param>
    /// <param name="Count">Messages here and below, since <see cref="Topics.Since"/>.</param>
    /// <param name="HasChildren">There is more below.</param>
    /// <param name="Message">The last message on this very topic; null if there was none.</param>
    internal sealed record Topic(string Level, string Path, int Topics, long Count, bool HasChildren, Message? Message);

    /// <summary>A message.</summary>
    /// <param name="Topic">Topic Name.</param>
    /// <param name="Text">The payload as UTF-8, when it is that; null otherwise, and for one who may not see payloads.</param>
    /// <param name="Base64">The payload when it is no text.</param>
    /// <param name="Bytes">Of the whole payload: what is here may be its beginning.</param>
    /// <param name="QoS">0 to 2.</param>
    /// <param name="Retained">It is retained.</param>
    /// <param name="Time">When it came; 0 where that is not known.</param>
    /// <param name="From">Client that published it.</param>
    /// <param name="Skipped">Messages before it that were not shown.</param>
    internal sealed record Message(string Topic, string? Text, string? Base64, int Bytes, int QoS, bool Retained, long Time, string? From = null, long Skipped = 0);

    /// <summary>One level of the topic tree.</summary>
    /// <param name="Parent">Path of the level that the others are below; not there for the root. An empty one is the level without a name, where topics begin with a slash.</param>
    internal sealed record Topics(string? Parent, long Since, long Now, int Known, long NotKept, int Matched, Message? Own, IReadOnlyList<Topic> Levels);

    /// <summary>A page of retained messages.</summary>
    /// <param name="Total">Of all that is retained, whatever the filter: what is below $SYS and $gw counts, and is listed for a filter that begins so alone.</param>
    /// <param name="Bytes">Of all of it.</param>
    /// <param name="More">There is more than this page.</param>
    /// <param name="Items">The page.</param>
    internal sealed record Retained(int Total, long Bytes, bool More, IReadOnlyList<Message> Items);

    /// <summary>What was wrong with a request (RFC 9457).</summary>
    /// <param name="Type">about:blank: the status says what it is.</param>
    /// <param name="Title">In a few words.</param>
    /// <param name="Status">The same as that of the answer.</param>
    /// <param name="Detail">Which field or parameter, and what it may be.</param>
    /// <param name="Do">What to do, where there is something.</param>
    internal sealed record Problem(string Type, string Title, int Status, string Detail, string? Do = null);

    /// <summary>A message to be published.</summary>
    /// <param name="Topic">Its Topic Name.</param>
    /// <param name="Text">Its payload, as UTF-8; this or Base64, or neither for an empty one.</param>
    /// <param name="Base64">The same, of any bytes.</param>
    /// <param name="QoS">0, 1 or 2.</param>
    /// <param name="Retain">It is kept for later subscribers.</param>
    internal sealed record NewMessage(string Topic, string? Text = null, string? Base64 = null, int QoS = 0, bool Retain = false);

    /// <summary>What became of it: whether anybody wanted it.</summary>
    internal sealed record Published(bool HadSubscribers);

    /// <summary>One upstream; <c>NextTry</c> says when it is tried next, by the gateway's clock, and is missing while it is connected or being tried.</summary>
    internal sealed record Upstream(
        string Name, string State, long Since, string Address, string Version, string? Error, string? Detail, string? Do, int Waiting, long Bytes, long OldestMs, long Sent, long Received,
        int Aside, long AsideBytes, int WaitingMax, long WaitingBytesMax, IReadOnlyList<double[]> History, long? NextTry);

    /// <summary>The upstreams.</summary>
    internal sealed record Relay(long Now, IReadOnlyList<Upstream> Upstreams);

    /// <summary>A message that an upstream does not take.</summary>
    internal sealed record Aside(int Number, string Reason, Message Message);

    /// <summary>The account of one class of messages: accepted = delivered + pending + expired + dropped.</summary>
    internal sealed record Account(string Class, long Accepted, long Delivered, long Pending, long Expired, long Dropped, bool Balanced, IReadOnlyDictionary<string, long> Reasons);

    /// <summary>A figure with its bound.</summary>
    internal sealed record Bound(string Name, string Words, double Used, double Max, string Unit);

    /// <summary>The journal on the disk.</summary>
    internal sealed record Journal(long BytesUsed, long BytesMax, double SyncMs, long Frames, long Records, bool Full, bool Failed, long DiskFree, double? DaysLeft, long WrittenPerDay, long CardYears);

    /// <summary>How the gateway is.</summary>
    internal sealed record Health(
        long Now, long Started, string Version, int Checks, IReadOnlyList<DeviceShapes.Note> Notes, IReadOnlyList<Account> Ledger, Journal? Journal, IReadOnlyList<Bound> Bounds,
        IReadOnlyDictionary<string, long> Drops, IReadOnlyDictionary<string, long> Counters, long MemoryBytes, double LoadPercent);

    /// <summary>Lines of the log.</summary>
    internal sealed record Log(long Last, IReadOnlyList<Line> Lines);

    /// <summary>A line of the log.</summary>
    internal sealed record Line(long Number, long Time, string Level, string Area, string Text);

    /// <summary>A setting in force.</summary>
    /// <param name="Key">Section:Key.</param>
    /// <param name="Value">As it is; secrets are hidden.</param>
    /// <param name="From">default, environment, command line, the path of the file, or set (by the gateway itself).</param>
    internal sealed record Setting(string Key, string Value, string From);

    /// <summary>A user that is no device.</summary>
    /// <param name="Name">Its name.</param>
    /// <param name="Role">Its role.</param>
    /// <param name="From">settings, or users.json.</param>
    /// <param name="Console">It may log in to the console.</param>
    /// <param name="Sessions">Where it is logged in.</param>
    internal sealed record User(string Name, string Role, string From, bool Console, IReadOnlyList<Seat> Sessions);

    /// <summary>A key of the API.</summary>
    internal sealed record Key(string Name, string Role, long Created);

    /// <summary>One login that lasts.</summary>
    internal sealed record Seat(string Address, long Since, long Last);

    /// <summary>People, keys and devices that may get in.</summary>
    internal sealed record Users(bool Kept, IReadOnlyList<User> People, IReadOnlyList<Key> Keys, IReadOnlyList<string> Devices, IReadOnlyList<string> Roles, bool Anonymous);

    /// <summary>A user to be added or changed; one that there is keeps its password when there is none here.</summary>
    /// <param name="Name">The user name.</param>
    /// <param name="Role">What it may do.</param>
    /// <param name="Password">At least ten characters; needed for a new one.</param>
    /// <param name="ClientIds">Client Identifiers it may connect with, * for any characters; left out: as before, for a new one those of its role.</param>
    internal sealed record NewUser(string Name, string Role, string? Password = null, IReadOnlyList<string>? ClientIds = null);

    /// <summary>A key to be made.</summary>
    internal sealed record NewKey(string Name, string Role);

    /// <summary>A key that was made; it is shown this once.</summary>
    internal sealed record MadeKey(string Name, string Key);

    /// <summary>Live or not.</summary>
    internal sealed record Ready(string Status, string? Why);

    /// <summary>What a page shows, so that it gets the readings of these.</summary>
    internal sealed record View(IReadOnlyList<string> Devices);

    /// <summary>What the stream says each time it beats.</summary>
    internal sealed record Tick(long Now, DeviceShapes.Facets Facets, int Notes, int UpstreamsDown, double MessagesPerSecond);

    /// <summary>How many did it, in words.</summary>
    internal sealed record Done(string Text);
}
