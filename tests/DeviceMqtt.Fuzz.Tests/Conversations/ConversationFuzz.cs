using System.Diagnostics;
using System.Net.Sockets;
using DeviceMqtt.EndToEnd.Tests.Harness;
using DeviceMqtt.Protocol.Tests;

namespace DeviceMqtt.Fuzz.Tests.Conversations;

/// <summary>
/// Whole conversations with a gateway that runs as a process of its own, in 256 MB of heap, with honest boards beside: they lose nothing, new clients
/// get in, and the gateway neither ends nor grows; it stops cleanly, and starts again on what it has kept.
/// </summary>
internal static class ConversationFuzz
{
    private const int AtOnce = 20;
    private const int LingerersMax = 60;
    // Longer than a new client here may take: on a loaded machine the gateway would be right to close one whose CONNECT comes too late, and nobody could tell that from a fault.
    private static readonly string PatientWithConnects = $"Limits:ConnectSecondsMax={2 * (int)Patience.Default.TotalSeconds}";
    private const long MemoryBytesMax = 400L * 1024 * 1024;

    /// <summary>Rounds of conversations until it is over.</summary>
    /// <param name="seed">Repeats their contents; the order in which they arrive is the network's.</param>
    /// <param name="isOver">Asked before each round, with the number of those that were.</param>
    /// <returns>What went wrong, with the conversations of that round; null when nothing did.</returns>
    public static async Task<string?> RunAsync(ulong seed, Func<int, bool> isOver)
    {
        Mutator mutator = new(seed);
        Dictionary<string, string> environment = new() { ["DOTNET_GCHeapHardLimit"] = "0x10000000" };
        await using GatewayProcess gateway = await GatewayProcess.StartExactly(["--listen", $"{BrokerUnderTest.Host}:0", "--http", "off", "--set", PatientWithConnects], listeners: 1, http: false, environment);
        await using HonestBoards honest = await HonestBoards.StartAsync(gateway.Port);
        Queue<Socket> lingerers = new();
        int rounds = 0;
        for (; !isOver(rounds); rounds++)
        {
            Conversation[] conversations = [.. Enumerable.Range(0, AtOnce).Select(_ => new Conversation(mutator))];
            foreach (Socket? lingerer in await Task.WhenAll(conversations.Select(c => c.SayAsync(gateway.Port))))
                if (lingerer is not null)
                    lingerers.Enqueue(lingerer);
            while (lingerers.Count > LingerersMax)
                lingerers.Dequeue().Dispose();
            if ((await honest.WorkAsync() ?? await HonestBoards.ComeAnewAsync(gateway.Port) ?? Grown(gateway)) is { } wrong)
                return $"round {rounds} of seed {seed}: {wrong}\n{string.Join('\n', (object[])conversations)}\n{gateway.Transcript()}";
        }

        while (lingerers.TryDequeue(out Socket? lingerer))
            lingerer.Dispose();
        Console.WriteLine($"conversations  {rounds * AtOnce,12:n0} conversations, seed {seed}");
        return await gateway.Stop() is not 0 and int exitCode ? $"seed {seed}: it stopped with {exitCode}\n{gateway.Transcript()}" : await StartAgainAsync(gateway.DataFolder);
    }

    private static string? Grown(GatewayProcess gateway)
    {
        using Process process = Process.GetProcessById(gateway.Process.Id);
        return process.WorkingSet64 > MemoryBytesMax ? $"the gateway has {process.WorkingSet64 >> 20} MB" : null;
    }

    private static async Task<string?> StartAgainAsync(string data)
    {
        await using ChildProcess again = GatewayProcess.Launch(["--data", data, "--listen", $"{BrokerUnderTest.Host}:0", "--http", "off"]);
        _ = await again.Output.WaitFor(static line => line.StartsWith("listening mqtt ", StringComparison.Ordinal), "that it listens again");
        again.Terminate();
        return await again.WaitForExit() is not 0 and int exitCode ? $"it stopped with {exitCode} after it had started again\n{again.Transcript()}" : null;
    }
}
