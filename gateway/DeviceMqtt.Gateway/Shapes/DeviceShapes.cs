using System.Text.Json.Nodes;

namespace DeviceMqtt.Gateway.Shapes;

/// <summary>What the API says about devices. Times are milliseconds since 1970; what is not known is left out.</summary>
internal static class DeviceShapes
{
    /// <summary>Something that is not well, in a sentence.</summary>
    /// <param name="Id">Names it while it lasts.</param>
    /// <param name="Level">bad, warn or info.</param>
    /// <param name="Title">What is wrong.</param>
    /// <param name="Text">The evidence, with numbers.</param>
    /// <param name="Do">What to do.</param>
    /// <param name="Subject">Client Identifier, address or name that it is about; empty for the gateway.</param>
    /// <param name="Device">Name of the device that it is about; empty for none.</param>
    /// <param name="First">When it was first seen; 0 if that is not known.</param>
    /// <param name="Last">When it was last seen.</param>
    /// <param name="Count">How often.</param>
    internal sealed record Note(string Id, string Level, string Title, string Text, string Do, string Subject, string Device, long First, long Last, long Count);

    /// <summary>The newest value of one metric.</summary>
    /// <param name="Stream">Last level of its topic.</param>
    /// <param name="Name">Member name.</param>
    /// <param name="Value">In its unit.</param>
    /// <param name="Unit">SenML unit code (RFC 8428); empty while unknown.</param>
    /// <param name="Time">When it was measured.</param>
    /// <param name="Late">It was sent later than that.</param>
    /// <param name="Guessed">The time is the gateway's guess: the board has no clock.</param>
    internal sealed record LastReading(string Stream, string Name, double Value, string Unit, long Time, bool Late, bool Guessed);

    /// <summary>One device in the list.</summary>
    /// <param name="Name">Second level of its topics.</param>
    /// <param name="Prefix">First level of its topics.</param>
    /// <param name="Group">Of its Client Identifier; empty for none.</param>
    /// <param name="ClientId">Client Identifier.</param>
    /// <param name="State">online, asleep, overdue, offline, never.</param>
    /// <param name="Since">Since when it is so; 0 where that was before the gateway started.</param>
    /// <param name="Why">Why it is so, in words.</param>
    /// <param name="Until">When it is, or was, to be back; 0 if it does not sleep.</param>
    /// <param name="Address">Where it is connected from, or was last.</param>
    /// <param name="Readings">The first few metrics.</param>
    /// <param name="Heard">When it last said anything on its topics.</param>
    /// <param name="Rssi">Signal in dBm.</param>
    /// <param name="Battery">Battery, in <paramref name="BatteryUnit"/>.</param>
    /// <param name="BatteryUnit">SenML unit code.</param>
    /// <param name="Firmware">Version.</param>
    /// <param name="Board">Kind of board.</param>
    /// <param name="Waiting">Messages that wait for it.</param>
    /// <param name="WaitingExpires">When the first of them expires.</param>
    /// <param name="Notes">How many things are wrong with it.</param>
    internal sealed record Row(
        string Name, string Prefix, string Group, string ClientId, string State, long Since, string Why, long Until, string Address,
        IReadOnlyList<LastReading> Readings, long Heard, double? Rssi, double? Battery, string? BatteryUnit, string Firmware, string Board,
        int Waiting, long WaitingExpires, int Notes);

    /// <summary>How many devices are in each state, of all.</summary>
    internal sealed record Facets(int All, int Online, int Asleep, int Overdue, int Offline, int Never, int Waiting);

    /// <summary>A page of the list.</summary>
    /// <param name="Total">Devices in all.</param>
    /// <param name="Matched">Those that the filter lets through.</param>
    /// <param name="Offset">Where the page begins.</param>
    /// <param name="Now">The gateway's clock.</param>
    /// <param name="Facets">By state.</param>
    /// <param name="Groups">Names of all groups.</param>
    /// <param name="Devices">The page.</param>
    internal sealed record Page(int Total, int Matched, int Offset, long Now, Facets Facets, IReadOnlyList<string> Groups, IReadOnlyList<Row> Devices);

    /// <summary>One argument of a command, from the birth.</summary>
    internal sealed record Argument(string Name, bool Optional, string Kind, double? Min, double? Max, string? Unit, string? Default, string? State, IReadOnlyList<string>? Choices);

    /// <summary>One command of a device, from its birth.</summary>
    /// <param name="Name">Which.</param>
    /// <param name="Class">ask, act or configure.</param>
    /// <param name="Seconds">How long it is good.</param>
    /// <param name="Known">False: nobody knows its arguments.</param>
    /// <param name="Arguments">In order.</param>
    internal sealed record Command(string Name, string Class, int Seconds, bool Known, IReadOnlyList<Argument> Arguments);

    /// <summary>An event of a device.</summary>
    internal sealed record Event(long Number, long Time, string Name, string Text, bool Late);

    /// <summary>One connection of a device.</summary>
    internal sealed record Visit(long From, long To, string Address, string Reason, string? Detail);

    /// <summary>One stream of a device.</summary>
    /// <param name="Name">Last level of its topic.</param>
    /// <param name="IntervalMs">Between two readings, a mean; 0 while unknown.</param>
    /// <param name="Metrics">Its metrics, with their newest values.</param>
    internal sealed record Stream(string Name, double IntervalMs, IReadOnlyList<LastReading> Metrics);

    /// <summary>One device in full.</summary>
    internal sealed record Device(
        Row Row, long Now, long Started, string Reset, long Booted, int Window, long Received, long Lost, int Starts,
        IReadOnlyList<Stream> Streams, IReadOnlyList<Command> Commands, IReadOnlyList<Event> Events, IReadOnlyList<Visit> Visits,
        IReadOnlyList<string> Failed, IReadOnlyList<Note> Notes);

    /// <summary>One line of a chart: time, least, mean, greatest, count, late (1) or not (0).</summary>
    internal sealed record Metric(string Name, string Unit, IReadOnlyList<double[]> Points);

    /// <summary>Readings of one stream between two moments.</summary>
    internal sealed record Readings(long From, long To, long Now, double IntervalMs, long StepMs, IReadOnlyList<Metric> Metrics);

    /// <summary>A command to be sent.</summary>
    /// <param name="Command">Which.</param>
    /// <param name="Arguments">Object of arguments; may be left out.</param>
    /// <param name="Seconds">How long it is good; by the class of the command if left out.</param>
    internal sealed record NewCommand(string Command, JsonObject? Arguments = null, int? Seconds = null);

    /// <summary>One thing that happened to a command.</summary>
    internal sealed record Step(string Name, long Time, string? Why);

    /// <summary>A command that was sent, and what became of it.</summary>
    internal sealed record SentCommand(
        string Id, string Command, string? Arguments, string User, long Sent, long Expires, bool Over, string? Status, int Code, string? Why, string? Result, IReadOnlyList<Step> Steps);

    /// <summary>A message that waits in the mailbox of a device.</summary>
    /// <param name="Id">Of the command; left out where the message is none, or cannot be read from the disk.</param>
    /// <param name="Command">Its name.</param>
    /// <param name="From">Who sent it.</param>
    /// <param name="Bytes">Of its payload.</param>
    /// <param name="Accepted">When the gateway took it; 0 where nobody knew the time.</param>
    /// <param name="Expires">When it is dropped; 0 for never.</param>
    internal sealed record Waiting(string? Id, string? Command, string? From, int Bytes, long Accepted, long Expires);

    /// <summary>What waits for a device, the oldest first.</summary>
    /// <param name="Count">In all.</param>
    /// <param name="First">The first hundred.</param>
    internal sealed record Mailbox(int Count, IReadOnlyList<Waiting> First);

    /// <summary>A board that is to be let in.</summary>
    internal sealed record NewDevice(string Name, string Board, string Ssid, string? Group = null, string? WifiPassword = null, string? Host = null, int? Port = null, bool Replace = false);

    /// <summary>The files of a board, and what to do with them.</summary>
    /// <param name="ClientId">Its Client Identifier.</param>
    /// <param name="Name">Its user name.</param>
    /// <param name="Settings">What its settings file holds, with passwords.</param>
    /// <param name="FileName">How that file is called.</param>
    /// <param name="Command">Flashes it.</param>
    /// <param name="Warning">Why the board cannot reach the gateway as it listens now, with what to do; null where it can, as far as one can know here.</param>
    internal sealed record Provisioned(string ClientId, string Name, string Settings, string FileName, string Command, string? Warning = null);
}
