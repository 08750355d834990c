namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>Standard output that cannot be written stops no gateway, and a command says so by its exit code and one line: a trace of the stack helps nobody.</summary>
[TestClass]
public sealed class StandardOutputTests
{
    private const int NotWritten = 1;
    private const int ReaderGone = 141; // 128 and SIGPIPE

    [TestMethod]
    [DataRow("> /dev/full")]
    [LongDataRow(">&-")]
    [LongDataRow("> /dev/full 2> /dev/full")]
    [DataRow("<&- >&- 2>&-")]
    public async Task Run_OutputCannotBeWritten_ServesAndStops(string redirection)
    {
        int port = FreePorts.Take();
        using TestFolder data = new();
        await using ChildProcess process = GatewayProcess.LaunchBy(
            ["sh", "-c", $"exec \"$0\" \"$@\" {redirection}"], ["--listen", $"127.0.0.1:{port}", "--http", "off", "--data", data.Path]);

        await using (RawMqtt client = await ConnectTo(process, port))
        {
            await client.Send(RawBytes.Publish("t", [1], qos: 1, packetId: 1));
            await client.Next(RawType.PubAck);
        }

        process.Terminate();
        Assert.AreEqual(0, await process.WaitForExit(), process.Transcript());
        Assert.IsEmpty(process.Errors.Items);
    }

    [TestMethod]
    public async Task Run_ReaderOfTheOutputIsGone_ServesAndStops()
    {
        int port = FreePorts.Take();
        using TestFolder data = new();
        // The shell waits for the first program of the pipe, whose exit code is the only line that there is.
        await using ChildProcess process = ChildProcess.Start("sh", ["-c", "{ \"$0\" \"$@\" & echo $! >&2; wait $!; echo \"ended $?\" >&2; } | true", .. GatewayProcess.Command, "run", "--listen", $"127.0.0.1:{port}", "--http", "off", "--data", data.Path]);
        string id = await process.Errors.WaitFor(static _ => true, "the number of the process");

        await using (RawMqtt client = await ConnectTo(process, port))
        {
            await client.Send(RawBytes.PingReq);
            await client.Next(RawType.PingResp);
        }

        await using (ChildProcess kill = ChildProcess.Start("kill", ["-TERM", id]))
            Assert.AreEqual(0, await kill.WaitForExit());
        await process.Errors.WaitFor(static line => line == "ended 0", "exit code 0");
        _ = await process.WaitForExit();
    }

    [TestMethod]
    [DataRow("--help")]
    [DataRow("--version")]
    [LongDataRow("send --help")]
    [DataRow("config template")]
    [LongDataRow("config explain Listen")]
    [LongDataRow("completion bash")]
    [DataRow("cert init")]
    [LongDataRow("user list --help")]
    [LongDataRow("user code")]
    public async Task Command_OutputCannotBeWritten_OneLineSaysSoAndTheExitCode(string command)
    {
        foreach ((string redirection, string why) in new[] { ("> /dev/full", "No space left on device"), (">&-", "Bad file descriptor") })
        {
            using TestFolder data = new();
            await using ChildProcess process = InShell("exec \"$0\" \"$@\" " + redirection, command, data);
            int exitCode = await process.WaitForExit();

            Assert.IsEmpty(process.Output.Items);
            Assert.AreEqual($"standard output could not be written: {why}", process.Errors.Items is [.., string last] ? last : "", process.Transcript());
            Assert.DoesNotContain("   at ", string.Join('\n', process.Errors.Items), StringComparison.Ordinal);
            Assert.AreEqual(NotWritten, exitCode);
        }
    }

    [TestMethod]
    [DataRow("--help", NotWritten)]
    [LongDataRow("config template", NotWritten)]
    [DataRow("status", 2)]
    [LongDataRow("no-such-command", 2)]
    [DataRow("send nobody reboot", 1)]
    public async Task Command_NeitherOutputCanBeWritten_TheExitCodeIsLeft(string command, int expected)
    {
        foreach (string redirection in new[] { "> /dev/full 2> /dev/full", ">&- 2>&-" })
        {
            using TestFolder data = new();
            await using ChildProcess process = InShell("exec \"$0\" \"$@\" " + redirection, command, data);

            Assert.AreEqual(expected, await process.WaitForExit(), redirection);
            Assert.IsEmpty(process.Errors.Items);
        }
    }

    [TestMethod]
    public async Task Command_ReaderIsGone_EndsAsOneThatTheSignalEnds()
    {
        using TestFolder data = new();
        string pipe = Path.Combine(data.Path, "pipe");
        // A named pipe whose only reader was there when the writer was opened, and is closed before the command begins.
        await using ChildProcess process = InShell($"mkfifo '{pipe}' && exec 4<>'{pipe}' 5>'{pipe}' 4<&- && exec \"$0\" \"$@\" >&5", "config template", data);

        Assert.AreEqual(ReaderGone, await process.WaitForExit(), process.Transcript());
        Assert.IsEmpty(process.Errors.Items);
    }

    private static ChildProcess InShell(string script, string command, TestFolder data)
    {
        string[] words = command.Split(' ');
        bool hasData = words[0] is "cert" or "user" or "device" or "status" or "send" && !words.Contains("--help");
        return ChildProcess.Start("sh", ["-c", script, .. GatewayProcess.Command, .. words, .. hasData ? (string[])["--data", data.Path] : []]);
    }

    // Nothing says when it listens.
    private static async Task<RawMqtt> ConnectTo(ChildProcess process, int port)
    {
        using CancellationTokenSource patience = new(Patience.Default);
        while (true)
        {
            Assert.IsFalse(process.HasExited, process.Transcript());
            using System.Net.Sockets.TcpClient probe = new();
            try
            {
                await probe.ConnectAsync("127.0.0.1", port, patience.Token);
                break;
            }
            catch (System.Net.Sockets.SocketException)
            {
                await Task.Yield();
                patience.Token.ThrowIfCancellationRequested();
            }
        }

        return await RawMqtt.Connect(new Silent(port), "client");
    }

    /// <summary>A gateway that does not say where it listens.</summary>
    private sealed class Silent(int port) : BrokerUnderTest
    {
        public override int Port => port;

        public override Uri WebSocketAddress => throw new NotSupportedException();

        public override string Transcript() => "";

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
