using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// mosquitto_pub: connects, publishes, waits for the last acknowledgement of the QoS asked for, disconnects. QoS 0 has none: there the broker has read
/// the message when it has accepted the next connection with the same Client Identifier. Whatever a test does next comes behind the message.
/// </summary>
internal static class MosquittoPub
{
    /// <param name="broker">Where it connects to.</param>
    /// <param name="topic">Of the message.</param>
    /// <param name="text">The payload.</param>
    /// <param name="qos">0 to 2.</param>
    /// <param name="retain">RETAIN of the message.</param>
    /// <param name="clientId">Null: one of its own.</param>
    /// <param name="patience">How long it may take.</param>
    public static Task Send(BrokerUnderTest broker, string topic, string text, int qos = 0, bool retain = false, string? clientId = null, TimeSpan? patience = null) =>
        Publish(broker, topic, ["-m", text], qos, retain, clientId, patience);

    /// <summary>An empty payload.</summary>
    public static Task SendNothing(BrokerUnderTest broker, string topic, int qos = 0, bool retain = false) =>
        Publish(broker, topic, ["-n"], qos, retain);

    public static async Task SendBytes(BrokerUnderTest broker, string topic, byte[] payload, int qos = 0, bool retain = false)
    {
        using TestFolder folder = new();
        await File.WriteAllBytesAsync(folder.File("payload"), payload);
        await Publish(broker, topic, ["-f", folder.File("payload")], qos, retain);
    }

    /// <summary>Each line a message of its own, in this order, over one connection.</summary>
    public static async Task SendLines(BrokerUnderTest broker, string topic, IEnumerable<string> lines, int qos)
    {
        await using ChildProcess process = Start(broker, topic, ["-l"], qos, retain: false, clientId: null);
        foreach (string line in lines)
        {
            process.SendLine(line);
        }

        process.CloseInput();
        await RequireSuccess(process);
    }

    /// <summary>Each line of a file a message of its own, as fast as they are acknowledged. It goes on when the broker is gone: the caller ends it.</summary>
    public static ChildProcess LaunchLines(BrokerUnderTest broker, string topic, string file, int qos)
    {
        string program = OutsideProgram.Require("mosquitto_pub", "mosquitto-clients");
        string lineBuffered = OutsideProgram.Require("stdbuf", "coreutils");
        // A shell for the redirection: the lines are there whatever becomes of a pipe.
        return ChildProcess.Start(
            "sh", ["-c", $"exec {lineBuffered} -oL {program} -d -h {BrokerUnderTest.Host} -p {broker.Port} -i {Unique.Name("lines")} -q {qos} -t {topic} -l < '{file}'"]);
    }

    /// <summary>The Packet Identifiers that were acknowledged, which count the lines from 1.</summary>
    public static IReadOnlyList<int> Acknowledged(ChildProcess publisher) =>
        [.. publisher.Output.Items.Where(line => line.Contains("received PUBACK", StringComparison.Ordinal)).Select(MessageId)];

    // "Client x received PUBACK (Mid: 7, RC:0)"
    private static int MessageId(string line)
    {
        string[] words = line.Split("Mid: ");
        return int.Parse(words[1].Split(',', ')')[0], CultureInfo.InvariantCulture);
    }

    /// <summary>Publishes and hands back the running process, for a publisher that is to be refused or cut off.</summary>
    public static ChildProcess Launch(BrokerUnderTest broker, string topic, string text, int qos, string clientId, string? userName = null, string? password = null) =>
        Start(broker, topic, ["-m", text], qos, retain: false, clientId, userName, password);

    private static async Task Publish(
        BrokerUnderTest broker, string topic, IEnumerable<string> payload, int qos, bool retain, string? clientId = null, TimeSpan? patience = null)
    {
        clientId ??= Unique.Name("pub");
        await using (ChildProcess process = Start(broker, topic, payload, qos, retain, clientId))
            await RequireSuccess(process, patience);
        if (qos > 0)
            return;
        // The end of the process says that the message is on its way. A broker finishes what came before on the old connection when it accepts the new one.
        await using RawMqtt after = await RawMqtt.Connect(broker, clientId);
        await after.Send(RawBytes.Disconnect);
        await after.WaitForClose();
    }

    private static ChildProcess Start(
        BrokerUnderTest broker,
        string topic,
        IEnumerable<string> payload,
        int qos,
        bool retain,
        string? clientId,
        string? userName = null,
        string? password = null)
    {
        string program = OutsideProgram.Require("mosquitto_pub", "mosquitto-clients");
        return ChildProcess.Start(
            program,
            [
                "-d",
                .. MosquittoArguments.Connection(broker, clientId ?? Unique.Name("pub"), userName, password),
                "-V", "311",
                "-q", qos.ToString(CultureInfo.InvariantCulture),
                "-t", topic,
                .. retain ? ["-r"] : Array.Empty<string>(),
                .. payload,
            ]);
    }

    private static async Task RequireSuccess(ChildProcess process, TimeSpan? patience = null) =>
        Assert.AreEqual(0, await process.WaitForExit(patience), process.Transcript());
}
