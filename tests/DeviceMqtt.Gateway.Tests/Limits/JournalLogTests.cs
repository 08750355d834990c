using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using Microsoft.Extensions.Logging;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>The log as journald gets it: a datagram for each line, read here as systemd's "Native Journal Protocol" says, by a socket of the test's.</summary>
[TestClass]
public sealed class JournalLogTests : IDisposable
{
    private static readonly EndPoint There = new IPEndPoint(IPAddress.Parse("192.0.2.7"), 4433);
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-journal-").FullName;
    private readonly StringWriter _standardOutput = new() { NewLine = "\n" };

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _standardOutput.Dispose();
    }

    [TestMethod]
    public void Warning_AboutAClient_HasPriorityAndFields()
    {
        RequireUnixSockets();
        using Socket journal = Listen();

        Say(events => events.ConnectionEnded(new ClientName(7, "kitchen", "boards", There), CloseReason.KeepAliveTimeout, "nothing for 90 s"));

        Dictionary<string, string> fields = Receive(journal);
        Assert.AreEqual("Connections: connection 7: client 'kitchen' (user 'boards', 192.0.2.7:4433) closed, KeepAliveTimeout: nothing for 90 s", fields["MESSAGE"]);
        Assert.AreEqual("4", fields["PRIORITY"]);
        Assert.AreEqual("devicemqtt", fields["SYSLOG_IDENTIFIER"]);
        Assert.AreEqual("Connections", fields["CATEGORY"]);
        Assert.AreEqual("103", fields["EVENT_ID"]);
        Assert.AreEqual(("kitchen", "boards", "192.0.2.7:4433"), (fields["CLIENT_ID"], fields["USER"], fields["ADDRESS"]));
        Assert.AreEqual(("7", "KeepAliveTimeout"), (fields["CONNECTION"], fields["REASON"]));
    }

    [TestMethod]
    public void Names_OfStrangers_BeginNoField()
    {
        RequireUnixSockets();
        using Socket journal = Listen();
        const string evil = "x\nPRIORITY=0\nUSER\n\u0004\0\0\0\0\0\0\0root\n\nMESSAGE=forged\n";

        Say(events => events.ConnectionEnded(new ClientName(7, evil, evil, There, IsLetIn: false), CloseReason.NotAuthorized, evil));

        Dictionary<string, string> fields = Receive(journal);
        Assert.AreEqual(evil, fields["CLIENT_ID"]);
        Assert.AreEqual(evil, fields["USER"]);
        Assert.AreEqual("4", fields["PRIORITY"]);
        Assert.IsFalse(fields["MESSAGE"].Any(char.IsControl), fields["MESSAGE"]);
        CollectionAssert.AreEquivalent((string[])["PRIORITY", "SYSLOG_IDENTIFIER", "CATEGORY", "EVENT_ID", "CLIENT_ID", "USER", "ADDRESS", "CONNECTION", "REASON", "MESSAGE"], fields.Keys);
    }

    [TestMethod]
    public void Text_OfAMegabyte_IsCutAndArrives()
    {
        RequireUnixSockets();
        using Socket journal = Listen();
        string topic = new('\u20ac', 1_000_000);

        using (ConsoleLines lines = new(Output()))
            lines.CreateLogger("Area").Log(LogLevel.Debug, default, topic, exception: null, static (text, _) => text);

        string message = Receive(journal)["MESSAGE"];
        Assert.AreEqual(JournalLog.TextCharactersMax + 3, message.Length);
        StringAssert.EndsWith(message, "\u20ac...", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Line_JournaldIsAway_GoesToStandardOutputWithItsPriority()
    {
        RequireUnixSockets();

        Say(static events => events.ConnectionEnded(new ClientName(7, "kitchen", null, There), CloseReason.KeepAliveTimeout, "silent"));

        Assert.AreEqual("<4>Connections: connection 7: client 'kitchen' (no user, 192.0.2.7:4433) closed, KeepAliveTimeout: silent\n", _standardOutput.ToString());
    }

    [TestMethod]
    public void Drop_ForAClientThatIsKnown_NamesItsUser()
    {
        RequireUnixSockets();
        using Socket journal = Listen();

        Say(static events => events.Dropped(new Drop(DropReason.SlowSubscriber, DropOwner.Client("kitchen"), "a/b", 3)));
        Say(static events => events.Dropped(new Drop(DropReason.RelayFull, DropOwner.Upstream("cloud"), "a/b", 3)));

        Dictionary<string, string> client = Receive(journal);
        StringAssert.StartsWith(client["MESSAGE"], "Connections: client 'kitchen' (user 'boards', 192.0.2.7:4433): a message of 3 bytes on 'a/b' is dropped", StringComparison.Ordinal);
        Assert.AreEqual(("kitchen", "boards", "a/b", "SlowSubscriber"), (client["CLIENT_ID"], client["USER"], client["TOPIC"], client["REASON"]));
        Dictionary<string, string> upstream = Receive(journal);
        Assert.AreEqual(("cloud", "4"), (upstream["UPSTREAM"], upstream["PRIORITY"]));
        Assert.IsFalse(upstream.ContainsKey("CLIENT_ID"));
    }

    private static void RequireUnixSockets()
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("needs Unix domain sockets for datagrams");
    }

    private string Path => System.IO.Path.Combine(_folder, "journal");

    private Socket Listen()
    {
        Socket journal = new(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { ReceiveTimeout = (int)Patience.Limit.TotalMilliseconds };
        journal.Bind(new UnixDomainSocketEndPoint(Path));
        return journal;
    }

    private JournalLog Output() => new(Path, new ConsoleLog(isForJournal: true, _standardOutput));

    // As the gateway puts it together.
    private void Say(Action<ConnectionEvents> what)
    {
        using GatewayLoggers loggers = new(new BoundedLog(new ConsoleLines(Output()), TimeProvider.System), new LogLevels(LogLevel.Debug));
        Turn turn = new(TimeProvider.System);
        using Turn.Scope scope = turn.Enter();
        what(new ConnectionEvents(loggers.CreateLogger("Connections"), new LogOptions(), new GatewayLimits(), turn) { Who = static id => new ClientName(7, id, "boards", There) });
    }

    private static Dictionary<string, string> Receive(Socket journal)
    {
        byte[] datagram = new byte[1_000_000];
        ReadOnlySpan<byte> rest = datagram.AsSpan(0, journal.Receive(datagram));
        Dictionary<string, string> fields = [];
        while (rest.Length > 0)
        {
            int end = rest.IndexOf((byte)'\n');
            string name = Encoding.UTF8.GetString(rest[..end]);
            Assert.DoesNotContain('=', name, "each value has its length");
            int length = (int)BinaryPrimitives.ReadUInt64LittleEndian(rest[(end + 1)..]);
            rest = rest[(end + 1 + sizeof(ulong))..];
            fields.Add(name, Encoding.UTF8.GetString(rest[..length]));
            Assert.AreEqual((byte)'\n', rest[length], $"behind the value of {name}");
            rest = rest[(length + 1)..];
        }

        return fields;
    }
}
