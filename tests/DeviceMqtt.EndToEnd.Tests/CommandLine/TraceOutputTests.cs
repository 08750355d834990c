using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary><c>trace</c> prints as console.md says: the newest message last, those of the same millisecond in the order in which they came, and the newest of them where not all are asked for.</summary>
[TestClass]
public sealed partial class TraceOutputTests
{
    private const int Messages = 40; // a sort that does not keep the order of equals shows from 17 on

    [TestMethod]
    [DataRow(100, 0)]
    [DataRow(5, Messages - 5)]
    public async Task Trace_MessagesOfOneMoment_InTheirOrderTheNewestLast(int limit, int first)
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        await using RawMqtt board = await RawMqtt.Connect(gateway, "board");
        await board.Send([.. Enumerable.Range(0, Messages).Select(static i => RawBytes.Publish($"house/{i}", "x")), RawBytes.PingReq]);
        _ = await board.Next(RawType.PingResp);

        await using ChildProcess trace = GatewayProcess.LaunchExactly(["trace", "--filter", "house/+", "--limit", $"{limit}", "--data", gateway.DataFolder]);

        Assert.AreEqual(0, await trace.WaitForExit(), trace.Transcript());
        Assert.AreSequenceEqual(
            Enumerable.Range(first, Messages - first).Select(static i => $"house/{i}"),
            trace.Output.Items.Select(static line => TopicIn().Match(line)).Where(static match => match.Success).Select(static match => match.Groups[1].Value),
            trace.Transcript());
    }

    [GeneratedRegex(@"^\d\d:\d\d:\d\d\.\d{3}  (\S+)  QoS")]
    private static partial Regex TopicIn();
}
