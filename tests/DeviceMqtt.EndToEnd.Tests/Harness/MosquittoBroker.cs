using System.Diagnostics;
using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// Debian's mosquitto with a configuration of its own: the upstream of the relay, and the witness for the cases of plain MQTT.
/// It can be taken down and brought up again on the same port with the sessions it had.
/// </summary>
internal sealed class MosquittoBroker : BrokerUnderTest
{
    // Before the folder, which nobody would delete where it is missing.
    private readonly string _program = OutsideProgram.Require("mosquitto", "mosquitto");
    private readonly TestFolder _folder = new();
    private readonly string? _userName;
    private readonly string? _password;
    private readonly int? _packetBytesMax;
    private readonly int? _webSocketPort;
    private readonly IReadOnlyList<string> _bridge;
    private ChildProcess? _process;

    private MosquittoBroker(string? userName, string? password, int? packetBytesMax, bool webSockets, IReadOnlyList<string> bridge)
    {
        _bridge = bridge;
        _userName = userName;
        _password = password;
        _packetBytesMax = packetBytesMax;
        Port = FreePorts.Take();
        _webSocketPort = webSockets ? FreePorts.Take() : null;
    }

    public override int Port { get; }

    public override Uri WebSocketAddress => new($"ws://{Host}:{_webSocketPort}/mqtt");

    /// <summary>What it logs; "Received PUBLISH from x (d0, q1, ..." shows what a client really sent.</summary>
    public EventLog<string> Log => (_process ?? throw new InvalidOperationException("mosquitto is down")).Errors;

    /// <param name="userName">Of its only user; everybody may connect when not given.</param>
    /// <param name="password">Of that user.</param>
    /// <param name="packetBytesMax">Of the packets that it takes.</param>
    /// <param name="webSockets">It listens for MQTT over WebSocket, too.</param>
    /// <param name="bridge">The lines of a <c>connection</c> to another broker.</param>
    public static async Task<MosquittoBroker> Start(
        string? userName = null, string? password = null, int? packetBytesMax = null, bool webSockets = false, IReadOnlyList<string>? bridge = null)
    {
        MosquittoBroker broker = new(userName, password, packetBytesMax, webSockets, bridge ?? []);
        try
        {
            await broker.Up();
            return broker;
        }
        catch
        {
            await broker.DisposeAsync();
            throw;
        }
    }

    public async Task Up()
    {
        string configuration = _folder.Write("mosquitto.conf", Configuration());
        _process = ChildProcess.Start(_program, ["-v", "-c", configuration]);
        await Log.WaitFor(line => line.EndsWith(" running", StringComparison.Ordinal), "'mosquitto version ... running'");
        // It says so shortly before its loop runs, and a SIGTERM in between is forgotten; an answer comes from the loop.
        await WaitForLoop();
    }

    /// <summary>Stops it as a reboot would: sessions and retained messages are kept for the next start.</summary>
    public async Task Down()
    {
        if (_process is ChildProcess process)
        {
            process.Terminate();
            await process.WaitForExit();
            await process.DisposeAsync();
            _process = null;
        }
    }

    /// <summary>Has it write all it has to the disk, which it does by itself only when it ends, and each half an hour.</summary>
    public async Task Save()
    {
        int before = Log.Count;
        _process!.SendUser1();
        await Log.WaitFor(line => line.Contains("Saving in-memory database", StringComparison.Ordinal), "the saving of mosquitto", before);
        await WaitForLoop(); // which goes on when it has saved
    }

    /// <summary>SIGKILL: what it had since the last <see cref="Save"/> is gone.</summary>
    public async Task Kill()
    {
        await _process!.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGSTOP: it takes connections, as the kernel does that for it, and says nothing any more.</summary>
    public void Freeze() => _process!.Stop();

    /// <summary>SIGCONT.</summary>
    public void Thaw() => _process!.Continue();

    public override string Transcript() => _process?.Transcript() ?? "mosquitto is down";

    public override async ValueTask DisposeAsync()
    {
        if (_process is ChildProcess process)
        {
            await process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private string Configuration()
    {
        List<string> lines =
        [
            // Started by root it would become the user mosquitto, who cannot write here; ignored for anybody else.
            "user root",
            "persistence true",
            $"persistence_location {_folder.Path}/",
            // A subscriber of ours that is away while messages come shall miss none of them.
            "max_queued_messages 0",
            $"listener {Port.ToString(CultureInfo.InvariantCulture)} {Host}",
        ];
        if (_webSocketPort is int webSocketPort)
        {
            lines.AddRange([$"listener {webSocketPort} {Host}", "protocol websockets"]);
        }

        if (_packetBytesMax is int bytes)
        {
            lines.Add($"max_packet_size {bytes}");
        }

        if (_userName is null)
        {
            lines.Add("allow_anonymous true");
        }
        else
        {
            string passwords = _folder.File("passwords");
            WritePassword(passwords);
            lines.AddRange(["allow_anonymous false", $"password_file {passwords}"]);
        }

        lines.AddRange(_bridge);
        return string.Join('\n', lines) + "\n";
    }

    private async Task WaitForLoop()
    {
        await using RawMqtt probe = await RawMqtt.Open(this);
        await probe.Send(RawBytes.Connect("harness-probe"));
        await probe.Next(RawType.ConnAck);
    }

    private void WritePassword(string file)
    {
        string program = OutsideProgram.Require("mosquitto_passwd", "mosquitto");
        using Process process = Process.Start(program, ["-c", "-b", file, _userName!, _password!]);
        process.WaitForExit();
        Assert.AreEqual(0, process.ExitCode, "mosquitto_passwd");
    }
}
