using System.Collections.Concurrent;
using DeviceMqtt.Device;
using DeviceMqtt.EndToEnd.Tests.Durability;
using DeviceMqtt.Simulator;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>A gateway below a cluster that has no <c>@</c> in its topics, and the boards in its hall: they run the firmware's own code.</summary>
internal sealed class Hall : IAsyncDisposable
{
    private readonly Dictionary<string, VirtualBoard> _boards;
    private readonly ConcurrentDictionary<string, int> _carriedOut = new(StringComparer.Ordinal);

    private Hall(string name, RecordingProxy wire, KillableGateway gateway, IReadOnlyList<string> boards)
    {
        Name = name;
        Wire = wire;
        Gateway = gateway;
        _boards = boards.ToDictionary(static board => board, board => Board(board, gateway.Port), StringComparer.Ordinal);
        foreach (VirtualBoard board in _boards.Values)
            board.Happened += Note;
    }

    /// <summary>The gateway's Client Identifier.</summary>
    public string Name { get; }

    public KillableGateway Gateway { get; }

    /// <summary>What has crossed between the gateway and the cluster.</summary>
    public RecordingProxy Wire { get; }

    public IReadOnlyDictionary<string, VirtualBoard> Boards => _boards;

    public static async Task<Hall> Start(string name, IReadOnlyList<int> nodes, params IReadOnlyList<string> boards)
    {
        RecordingProxy wire = new(nodes);
        KillableGateway gateway = await KillableGateway.Start(
            "--upstream", wire.Addresses, "--set", "Relay:Profile=nats", "--set", $"Relay:ClientId={name}", "--set", "Relay:BackoffMinMs=50", "--set", "Relay:BackoffMaxMs=500",
            "--set", "Relay:Rules:0:Filter=$gw/receipt/+", "--set", "Relay:Rules:0:Topic=dm/receipt/{1}", "--set", "Relay:Rules:0:Class=High",
            "--set", "Relay:Rules:1:Filter=$gw/presence/+", "--set", "Relay:Rules:1:Topic=gw/{gateway}/presence/{1}", "--set", "Relay:Rules:1:Class=High",
            "--set", "Relay:Rules:2:Filter=#",
            "--set", "Security:Rights:board:Publish:0=#", "--set", "Security:Rights:board:Subscribe:0=#", "--set", "Security:LocalRole=board");
        Hall hall = new(name, wire, gateway, boards);
        foreach (VirtualBoard board in hall._boards.Values)
            board.Start();
        return hall;
    }

    /// <summary>What crossed for a command.</summary>
    public CommandPath PathOf(AskedCommand command) => new(command.Id, Wire.Packets.Items);

    /// <summary>How often a board has carried a command out that acts.</summary>
    public int CarriedOut(string board) => _carriedOut.GetValueOrDefault(board);

    /// <summary>The power of a board fails.</summary>
    public Task SwitchOff(string board) => _boards[board].KillAsync();

    /// <summary>What is to be told upstream of the gateway and its boards while the gateway is there.</summary>
    /// <param name="off">Boards without power.</param>
    public IEnumerable<KeyValuePair<string, string>> Truth(params IReadOnlyList<string> off)
    {
        yield return new($"presence/{Name}", "true");
        foreach (string board in _boards.Keys)
        {
            bool isOn = !off.Contains(board);
            yield return new($"presence/{There(board)}", isOn ? "true" : "false");
            yield return new($"gw/{Name}/presence/{There(board)}", $$"""{"online":{{(isOn ? "true" : "false")}}""");
        }
    }

    /// <summary>Of that what the upstream has Wills for: it is told anew on each connection.</summary>
    public IEnumerable<KeyValuePair<string, string>> OwnTruth() => Truth().Where(static told => told.Key.StartsWith("presence/", StringComparison.Ordinal));

    /// <summary>What is to be told while the gateway is gone. What it says itself of its boards stays as it was: it does not count while its own presence is <c>false</c>.</summary>
    public IEnumerable<KeyValuePair<string, string>> TruthWhileGone() =>
        [new($"presence/{Name}", "false"), .. _boards.Keys.Select(static board => new KeyValuePair<string, string>($"presence/{There(board)}", "false"))];

    /// <summary>The last lines of the gateway, for the message of a failure.</summary>
    public string Transcript() => $"{Name}:{Environment.NewLine}{Gateway.Transcript()}";

    public async ValueTask DisposeAsync()
    {
        foreach (VirtualBoard board in _boards.Values)
            await board.DisposeAsync();
        await Gateway.DisposeAsync();
        await Wire.DisposeAsync();
    }

    private static string There(string board) => board.Replace("@@@", "===", StringComparison.Ordinal);

    private static VirtualBoard Board(string clientId, int port) => new(new VirtualBoardOptions
    {
        Host = BrokerUnderTest.Host,
        Port = port,
        ClientId = clientId,
        Period = TimeSpan.FromMilliseconds(250),
        Tick = TimeSpan.FromMilliseconds(20),
        BackoffFirst = TimeSpan.FromMilliseconds(50),
        BackoffMax = TimeSpan.FromMilliseconds(500),
        OutboxBytes = 32 * 1024, // for the seconds that its gateway is down
    });

    private void Note(object? sender, BoardEventArgs happened)
    {
        if (happened is { Note: DeviceNote.CommandDone, Subject: "relay.set" })
            _ = _carriedOut.AddOrUpdate(happened.ClientId, 1, static (_, before) => before + 1);
    }
}
