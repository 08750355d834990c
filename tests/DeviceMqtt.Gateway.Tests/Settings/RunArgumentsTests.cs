using System.CommandLine;
using DeviceMqtt.Gateway.CommandLine;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>A plain command line is read without the parser: the same as the parser reads, or not at all.</summary>
[TestClass]
internal sealed class RunArgumentsTests
{
    [TestMethod]
    [DataRow("")]
    [DataRow("run")]
    [DataRow("--http off")]
    [DataRow("run --listen 127.0.0.1:1883 --listen mqtts://*:8883 --http off --data /var/lib/x")]
    [DataRow("run --config /etc/devicemqtt/gateway.json")]
    [DataRow("--set Limits:ConnectionsMax=7 --set A:B=c=d --upstream mqtt://user:password@host:1883")]
    [DataRow("run --data run")]
    public void TryRead_PlainWords_ReadsWhatTheParserReads(string line)
    {
        string[] args = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        RunArguments plain = RunArguments.TryRead(args) ?? throw new AssertFailedException("left to the parser");
        (RunArguments parsed, int errors) = Parse(args);

        Assert.AreEqual(0, errors);
        CollectionAssert.AreEqual(parsed.Listen.ToArray(), plain.Listen.ToArray());
        CollectionAssert.AreEqual(parsed.Set.ToArray(), plain.Set.ToArray());
        Assert.AreEqual((parsed.Http, parsed.Data, parsed.Upstream, parsed.Config), (plain.Http, plain.Data, plain.Upstream, plain.Config));
    }

    [TestMethod]
    [DataRow("--help")]
    [DataRow("run --help")]
    [DataRow("--data --help")]
    [DataRow("--version")]
    [DataRow("--http=off")]
    [DataRow("--http:off")]
    [DataRow("run --listen")]
    [DataRow("--data a --data b")]
    [DataRow("run run")]
    [DataRow("--listen @file")]
    [DataRow("--set -- A=b")]
    [DataRow("--unknown x")]
    [DataRow("status --data x")]
    [DataRow("--data x status y")]
    public void TryRead_AnythingElse_IsForTheParser(string line) =>
        Assert.IsNull(RunArguments.TryRead(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)));

    private static (RunArguments Arguments, int Errors) Parse(string[] args)
    {
        RunOptions options = new();
        Command run = new("run");
        options.AddTo(run);
        ParseResult parsed = run.Parse(args.Length > 0 && args[0] == "run" ? args[1..] : args);
        return (options.ArgumentsOf(parsed), parsed.Errors.Count);
    }
}
