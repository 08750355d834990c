using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// mosquitto_sub. Its debug lines tell when the SUBACK is there (so that nothing published afterwards can be missed) and
/// what became of the connection; its messages are printed in a format of ours, payload in hexadecimal.
/// </summary>
internal sealed class MosquittoSub : IAsyncDisposable
{
    private const char Separator = '|';
    private const string Format = "msg|%q|%r|%x|%t";

    private readonly ChildProcess _process;

    private MosquittoSub(string clientId, Func<Action<string>, ChildProcess> start)
    {
        ClientId = clientId;
        Messages = new EventLog<ReceivedMessage>($"messages of mosquitto_sub {clientId}");
        _process = start(ReadLine);
        _ = EndMessages();
    }

    public string ClientId { get; }

    public EventLog<ReceivedMessage> Messages { get; }

    /// <summary>Debug lines, like "Client x received PUBLISH (d0, q1, r0, m1, 'topic', ... (5 bytes))".</summary>
    public EventLog<string> Log => _process.Output;

    /// <summary>Connects, subscribes to all of the filters, and returns when the SUBACK has come.</summary>
    public static Task<MosquittoSub> Start(BrokerUnderTest broker, params string[] filters) =>
        Start(broker, new SubscriberOptions(), filters);

    public static async Task<MosquittoSub> Start(BrokerUnderTest broker, SubscriberOptions options, params string[] filters)
    {
        MosquittoSub subscriber = Launch(broker, options, filters);
        try
        {
            // Its words for SUBACK: "Subscribed (mid: 1): 0, 128", the granted QoS of each filter; 128 is a refusal.
            string line = await subscriber.Log.WaitFor(text => text.StartsWith("Subscribed (mid:", StringComparison.Ordinal), "SUBACK");
            Assert.IsFalse(line[line.IndexOf("):", StringComparison.Ordinal)..].Contains(" 128", StringComparison.Ordinal), $"refused: {line}");
            return subscriber;
        }
        catch
        {
            await subscriber.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it without waiting for anything: for a SUBSCRIBE or CONNECT that is to be refused.</summary>
    public static MosquittoSub Launch(BrokerUnderTest broker, SubscriberOptions options, params string[] filters)
    {
        string program = OutsideProgram.Require("mosquitto_sub", "mosquitto-clients");
        // Written to a pipe its lines stay in a buffer of 4 KB; stdbuf makes it write each line at once.
        string lineBuffered = OutsideProgram.Require("stdbuf", "coreutils");
        List<string> arguments =
        [
            "-oL", program, "-d", "-F", Format,
            .. MosquittoArguments.Connection(broker, options.ClientId, options.UserName, options.Password),
            "-V", options.Version,
            "-k", options.KeepAliveSeconds.ToString(CultureInfo.InvariantCulture),
            "-q", options.QoS.ToString(CultureInfo.InvariantCulture),
        ];
        foreach (string filter in filters)
        {
            arguments.AddRange(["-t", filter]);
        }

        if (!options.CleanSession)
        {
            arguments.Add("-c");
        }

        if (options.Will is Will will)
        {
            arguments.AddRange(MosquittoArguments.Will(will));
        }

        return new MosquittoSub(options.ClientId, readLine => ChildProcess.Start(lineBuffered, arguments, onLine: readLine));
    }

    /// <summary>Waits for the message with that text and returns everything that came before it.</summary>
    public async Task<IReadOnlyList<ReceivedMessage>> MessagesBefore(string markerText)
    {
        await Messages.WaitFor(message => message.Text == markerText, $"the marker '{markerText}'");
        return [.. Messages.Items.TakeWhile(message => message.Text != markerText)];
    }

    /// <summary>Ends as a crash would: no DISCONNECT.</summary>
    public Task Kill() => _process.Kill();

    /// <summary>Ends with DISCONNECT.</summary>
    public async Task Disconnect()
    {
        _process.Terminate();
        await _process.WaitForExit();
    }

    /// <summary>Ends with DISCONNECT, and is done with: its Session stays.</summary>
    public async Task DisconnectAndDispose()
    {
        await Disconnect();
        await DisposeAsync();
    }

    public Task<int> WaitForExit() => _process.WaitForExit();

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    // It gives up when its subscriptions are refused, after it has lost a connection too: nobody need wait for more then.
    private async Task EndMessages()
    {
        await _process.Ended;
        Messages.End($"mosquitto_sub has ended. It said: {string.Join(Environment.NewLine, Log.Items.Concat(_process.Errors.Items).TakeLast(5))}");
    }

    private void ReadLine(string line)
    {
        const int QoSAt = 1, RetainAt = 2, PayloadAt = 3, TopicAt = 4, Count = 5;
        string[] parts = line.Split(Separator, Count);
        if (parts.Length == Count && parts[0] == "msg")
        {
            Messages.Add(new ReceivedMessage(
                parts[TopicAt],
                Convert.FromHexString(parts[PayloadAt]),
                int.Parse(parts[QoSAt], CultureInfo.InvariantCulture),
                parts[RetainAt] == "1"));
        }
    }
}
