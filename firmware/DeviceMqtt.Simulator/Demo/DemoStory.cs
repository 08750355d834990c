using System.Diagnostics;
using System.Text.Json;

namespace DeviceMqtt.Simulator;

/// <summary>What the demo shows, one step after the other. Each step says what it waits for, and stops the story when it does not come.</summary>
internal sealed class DemoStory(DemoStage stage, TextWriter output)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private const int ReadingsPerOutage = 4;

    /// <returns>Whether all of it happened.</returns>
    public async Task<bool> TellAsync(CancellationToken cancelled)
    {
        (string Title, Func<CancellationToken, Task<string?>> Step)[] steps =
        [
            ($"Upstream broker: {stage.UpstreamName}{(stage.HasStandIn ? ", a second gateway (name your own with --upstream)" : "")}\n   Gateway: 127.0.0.1:{stage.GatewayPort}"
                + (stage.GatewayHttp is { } http ? $", over WebSocket ws://{http}/mqtt" : ""), WatchAsync),
            ("Three boards connect: presence, and what they are", ConnectBoardsAsync),
            ("Their telemetry arrives on the gateway, and upstream", ShowTelemetryAsync),
            ("A command from an application upstream to one board, which subscribed to nothing; its answer comes back", SendCommandAsync),
            ("The line to the upstream is pulled out; the boards go on", PullCableAsync),
            ("The line is back: what had waited arrives, in order, with no reading missing", PutCableBackAsync),
            ("Board 3 loses its power: the gateway publishes its Will", KillBoardAsync),
        ];
        for (int i = 0; i < steps.Length; i++)
        {
            cancelled.ThrowIfCancellationRequested();
            await output.WriteLineAsync($"\n{i + 1}. {steps[i].Title}");
            if (await steps[i].Step(cancelled) is { } missing)
            {
                await output.WriteLineAsync($"\nFAILED: {missing}");
                return false;
            }
        }

        await output.WriteLineAsync("\nAll of it happened.\n");
        return true;
    }

    private async Task<string?> WatchAsync(CancellationToken cancelled)
    {
        await stage.Local.SubscribeAsync(Patience, "dm/#", "presence/#");
        await stage.Application.SubscribeAsync(Patience, "dm/#", "presence/#", $"dm/p2p/{stage.Application.ClientId}");
        string presence = "presence/devicemqtt-";
        if (await stage.Application.WaitForAsync(s => s.Topic.StartsWith(presence, StringComparison.Ordinal) && s.Payload == "true", Patience) is not { } seen)
            return "the gateway did not show itself upstream";
        Show(seen, "upstream");
        return null;
    }

    private async Task<string?> ConnectBoardsAsync(CancellationToken cancelled)
    {
        foreach (VirtualBoard board in stage.Boards)
            board.Start();
        foreach (VirtualBoard board in stage.Boards)
        {
            if (await stage.Local.WaitForAsync(s => s.Topic == PresenceOf(board) && s.Payload == "true", Patience) is not { } presence)
                return $"no presence of {board.DeviceName}";
            Show(presence);
            if (await stage.Local.WaitForAsync(s => s.Topic == $"dm/{board.DeviceName}/info", Patience) is not { } birth)
                return $"no birth message of {board.DeviceName}";
            Show(birth);
        }

        return null;
    }

    private async Task<string?> ShowTelemetryAsync(CancellationToken cancelled)
    {
        foreach (VirtualBoard board in stage.Boards)
        {
            if (await stage.Local.WaitForAsync(s => s.Topic == ClimateOf(board), Patience) is not { } local)
                return $"no telemetry of {board.DeviceName} on the gateway";
            Show(local);
            if (await stage.Application.WaitForAsync(s => s == local, Patience) is not { } upstream)
                return $"no telemetry of {board.DeviceName} upstream";
            Show(upstream, "upstream");
        }

        return null;
    }

    private async Task<string?> SendCommandAsync(CancellationToken cancelled)
    {
        VirtualBoard board = stage.Boards[1];
        string topic = $"dm/p2p/{board.Options.ClientId}";
        string id = Guid.NewGuid().ToString("N")[..8];
        string command = $$"""{"id":"{{id}}","cmd":"relay.set","args":{"on":true},"from":"{{stage.Application.ClientId}}"}""";
        Show(new Seen(topic, command), "command");
        Stopwatch time = Stopwatch.StartNew();
        stage.Application.Publish(topic, command);
        string answerTopic = $"dm/p2p/{stage.Application.ClientId}";
        if (await stage.Application.WaitForAsync(s => s.Topic == answerTopic && s.Payload.Contains(id, StringComparison.Ordinal), Patience) is not { } answer)
            return "no answer";
        Show(answer, $"answer after {time.ElapsedMilliseconds} ms");
        if (!answer.Payload.Contains("\"ok\"", StringComparison.Ordinal) || !board.IsRelayOn)
            return "the answer is not ok, or the relay is not on";
        int strangers = stage.Local.Snapshot().Count(s => s.Topic.Contains("/p2p/", StringComparison.Ordinal));
        return strangers == 0 ? null : "somebody else saw the command: a subscriber to dm/#";
    }

    private async Task<string?> PullCableAsync(CancellationToken cancelled)
    {
        await stage.Cable.PullOutAsync();
        VirtualBoard board = stage.Boards[0];
        long first = Readings(stage.Local, board).Max() + 1;
        for (long n = first; n < first + ReadingsPerOutage; n++)
        {
            if (await stage.Local.WaitForAsync(s => IsReading(s, board, n), Patience) is not { } local)
                return "the boards stopped when the upstream was away";
            Show(local);
        }

        // What left just before the line was pulled may still have arrived; the last reading did not.
        bool leaked = Readings(stage.Application, board).Contains(first + ReadingsPerOutage - 1);
        output.WriteLine("     upstream: nothing arrives");
        return leaked ? "a reading arrived upstream although the line is out" : null;
    }

    private async Task<string?> PutCableBackAsync(CancellationToken cancelled)
    {
        long[] waiting = [.. stage.Boards.Select(b => Readings(stage.Local, b).Max())];
        int before = stage.Application.Snapshot().Length;
        stage.Cable.PutBack();
        for (int i = 0; i < waiting.Length; i++)
        {
            VirtualBoard board = stage.Boards[i];
            long last = waiting[i];
            if (await stage.Application.WaitForAsync(s => IsReading(s, board, last), Patience) is null)
                return $"what {board.DeviceName} measured meanwhile did not arrive";
            long[] arrived = [.. Readings(stage.Application, board)];
            long[] distinct = [.. arrived.Distinct()];
            if (!distinct.SequenceEqual(distinct.Order()) || distinct[^1] - distinct[0] != distinct.Length - 1)
                return $"readings of {board.DeviceName} are missing or out of order: {string.Join(' ', arrived)}";
            output.WriteLine($"     upstream: {board.DeviceName} n = {distinct[0]} .. {distinct[^1]}, none missing");
        }

        output.WriteLine($"     {stage.Application.Snapshot().Length - before} messages since the line is back");
        return null;
    }

    private async Task<string?> KillBoardAsync(CancellationToken cancelled)
    {
        VirtualBoard board = stage.Boards[2];
        await board.KillAsync();
        Seen offline = new(PresenceOf(board), "false");
        if (await stage.Local.WaitForAsync(s => s == offline, Patience) is not { } local)
            return "no Will on the gateway";
        Show(local);
        if (await stage.Application.WaitForAsync(s => s == offline, Patience) is not { } upstream)
            return "no Will upstream";
        Show(upstream, "upstream");
        return null;
    }

    private void Show(Seen seen, string? where = null) => output.WriteLine($"     {(where is null ? "" : where + ": ")}{seen.Topic}  {seen.Payload}");

    private static string PresenceOf(VirtualBoard board) => Wire.PresenceTopic.Build(board.Options.ClientId);

    private static string ClimateOf(VirtualBoard board) => $"dm/{board.DeviceName}/tele/climate";

    private static bool IsReading(Seen seen, VirtualBoard board, long number) => seen.Topic == ClimateOf(board) && NumberOf(seen) == number;

    private static IEnumerable<long> Readings(Watcher watcher, VirtualBoard board) =>
        watcher.Snapshot().Where(s => s.Topic == ClimateOf(board)).Select(NumberOf);

    private static long NumberOf(Seen seen)
    {
        using JsonDocument telemetry = JsonDocument.Parse(seen.Payload);
        return telemetry.RootElement.GetProperty("n").GetInt64();
    }
}
