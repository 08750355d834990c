using System.Buffers;
using System.Diagnostics;
using System.Text.Json;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// A program at the upstream, over MQTTnet: it commands boards behind several gateways, sends again what the upstream has not acknowledged, and keeps what comes of each
/// command, the presence that is told, and the readings. Its Session lasts.
/// </summary>
internal sealed class CommandingApplication : IAsyncDisposable
{
    /// <summary>The sender of its commands, as the gateways call it.</summary>
    public const string From = "GID_app@@@desk";

    private const string FromThere = "GID_app===desk"; // as NATS has to call it
    private const string Receipts = $"dm/receipt/{FromThere}";
    private const int HelloSeconds = 60;
    private static readonly TimeSpan AckPatience = TimeSpan.FromSeconds(6); // NATS itself gives a message up after 4 s
    private static readonly TimeSpan LossPatience = TimeSpan.FromSeconds(20); // NATS without a leader for a consumer hands nothing over: 10 s were seen, and what was sent again after 5 s came twice
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);
    private readonly RecordingProxy _wire;
    private readonly IMqttClient _client = new MqttClientFactory().CreateMqttClient();
    private readonly Lock _lock = new(); // over what came
    private readonly Dictionary<string, (string Text, int Number)> _latest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<string>> _answers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (string Status, string Why)> _ends = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _told = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<int>> _readings = new(StringComparer.Ordinal);
    private readonly List<AskedCommand> _commands = [];
    private int _heard;

    private CommandingApplication(RecordingProxy wire)
    {
        _wire = wire;
        _client.ApplicationMessageReceivedAsync += received =>
        {
            Hear(received.ApplicationMessage);
            return Task.CompletedTask;
        };
    }

    /// <summary>What came, in its order.</summary>
    public EventLog<ReceivedMessage> Messages { get; } = new("messages of the application");

    public IReadOnlyList<AskedCommand> Commands => _commands;

    /// <param name="port">Of the node that it connects to.</param>
    public static async Task<CommandingApplication> Start(int port)
    {
        CommandingApplication application = new(new RecordingProxy([port]));
        try
        {
            await application.Try(application.Subscribe, "its subscriptions");
            return application;
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command, again and again until the upstream acknowledges it: the same one, with its id.</summary>
    /// <param name="gateway">Of the board.</param>
    /// <param name="board">Its Client Identifier.</param>
    /// <param name="goodForSeconds">From when the gateway has it.</param>
    public async Task<AskedCommand> Command(string gateway, string board, int goodForSeconds)
    {
        string id = $"c{_commands.Count + 1}";
        string isOn = _commands.Count % 2 == 0 ? "true" : "false";
        AskedCommand command = new(id, gateway, board, $$"""{"id":"{{id}}","cmd":"relay.set","args":{"on":{{isOn}}},"from":"{{From}}","ttl":{{goodForSeconds}}}""");
        _commands.Add(command);
        await Send(command.Gateway, command.Board, command.Text, command.Id);
        return command;
    }

    /// <summary>Waits until commands reach a gateway: before it has subscribed, the upstream has them for nobody.</summary>
    public async Task WhenReached(string gateway, string board)
    {
        string id = $"hello-{gateway}";
        string text = $$"""{"id":"{{id}}","cmd":"ping","from":"{{From}}","ttl":{{HelloSeconds}}}""";
        long began = Stopwatch.GetTimestamp();
        Task<ReceivedMessage> answered = Messages.WaitFor(message => IsAnswer(message) && IdOf(message) == id, $"an answer to {id}");
        using PeriodicTimer timer = new(Pause);
        while (!answered.IsCompleted)
        {
            Assert.IsLessThan(Patience.Default, Stopwatch.GetElapsedTime(began), $"no command reaches {gateway}");
            await Send(gateway, board, text, id);
            _ = await timer.WaitForNextTickAsync();
        }

        _ = await answered;
    }

    /// <summary>
    /// Waits until each command has its end: an answer, or a receipt that says that there will be none. Sends again what the upstream seems to have lost although it had acknowledged it, and nothing
    /// else: a command that it has not brought to the gateway, or an end that it has from the gateway. What the gateway has taken and not ended is the gateway's, and is waited for.
    /// </summary>
    public async Task WhenSettled(string when, params IReadOnlyList<Hall> halls)
    {
        long began = Stopwatch.GetTimestamp();
        while (!await IsSoWithin(() => _commands.TrueForAll(HasEnded), LossPatience))
        {
            foreach (AskedCommand open in _commands.Where(c => !HasEnded(c)).ToArray())
            {
                CommandPath path = halls.Single(hall => hall.Name == open.Gateway).PathOf(open);
                Assert.IsLessThan(Patience.Default, Stopwatch.GetElapsedTime(began), $"{when}: no end of {open}, told as {ToldOf(open)}; {path}");
                if (path.IsTheGateways)
                    continue;
                CommandPath here = new(open.Id, _wire.Packets.Items);
                if (here.HasEndBrought)
                {
                    await Wait(() => HasEnded(open), () => $"{when}: the application to note an end that came, of {open}: {here}", AckPatience);
                    continue;
                }

                Console.WriteLine($"{when}: {open} goes again, the upstream keeps {(path.IsEnded ? "its end" : "it")}: {path}");
                await Send(open.Gateway, open.Board, open.Text, open.Id);
            }
        }
    }

    /// <summary>Waits until what was heard last on each topic is what it says here.</summary>
    /// <param name="when">For the message of a failure.</param>
    /// <param name="within">How long that may take.</param>
    /// <param name="truth">By topic, the text, or its beginning.</param>
    /// <param name="after">Messages of before that do not count.</param>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> WhenTold(string when, TimeSpan within, IReadOnlyDictionary<string, string> truth, int after = 0)
    {
        long began = Stopwatch.GetTimestamp();
        await Wait(() => Untrue(truth, after).Length == 0, () => $"{when}: {string.Join(", ", Untrue(truth, after).Select(topic => $"{topic} is to be {truth[topic]}, was told as {Latest(topic)}"))}", within);
        TimeSpan took = Stopwatch.GetElapsedTime(began);
        Console.WriteLine($"{when}: presence was true after {took.TotalSeconds:F1} s");
        return took;
    }

    /// <summary>What was told last.</summary>
    public string Latest(string topic)
    {
        lock (_lock)
            return _latest.TryGetValue(topic, out (string Text, int Number) told) ? told.Text : "nothing";
    }

    /// <summary>The texts of the answers that came to a command.</summary>
    public IReadOnlyList<string> AnswersTo(AskedCommand command)
    {
        lock (_lock)
            return _answers.TryGetValue(command.Id, out List<string>? answers) ? [.. answers] : [];
    }

    /// <summary>The receipt that says that a command will not be carried out any more, or was not answered: its status and reason; null while there is none.</summary>
    public (string Status, string Why)? EndOf(AskedCommand command)
    {
        lock (_lock)
            return _ends.TryGetValue(command.Id, out (string Status, string Why) end) ? end : null;
    }

    /// <summary>Numbers up to that one of readings of a board that did not come.</summary>
    public int[] MissingReadings(string device, int newest)
    {
        lock (_lock)
            return [.. Enumerable.Range(1, newest).Except(_readings.GetValueOrDefault(device, []))];
    }

    /// <summary>The highest number of a reading of a board that came.</summary>
    public int NewestReading(string device)
    {
        lock (_lock)
            return _readings[device].Max();
    }

    /// <summary>Waits until something is so; looked at with each message that comes.</summary>
    public async Task Wait(Func<bool> isSo, Func<string> wanted, TimeSpan? within = null) => Assert.IsTrue(await IsSoWithin(isSo, within), $"waited for {wanted()}");

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _wire.DisposeAsync();
    }

    private static bool IsAnswer(ReceivedMessage message) => message.Topic.EndsWith($"/p2p/{FromThere}", StringComparison.Ordinal);

    private static string IdOf(ReceivedMessage message) => JsonSerializer.Deserialize<JsonElement>(message.Payload).GetProperty("id").GetString()!;

    private string[] Untrue(IReadOnlyDictionary<string, string> truth, int after)
    {
        lock (_lock)
            return [.. truth.Keys.Where(topic => !_latest.TryGetValue(topic, out (string Text, int Number) told) || told.Number <= after || !told.Text.StartsWith(truth[topic], StringComparison.Ordinal))];
    }

    private async Task<bool> IsSoWithin(Func<bool> isSo, TimeSpan? within)
    {
        try
        {
            _ = await Messages.WaitFor(_ => isSo(), "", from: Math.Max(0, Messages.Count - 1), patience: within);
            return true;
        }
        catch (AssertFailedException)
        {
            return isSo();
        }
    }

    // The status of the last receipt; empty while there is none.
    private string ToldOf(AskedCommand command)
    {
        lock (_lock)
            return _told.GetValueOrDefault(command.Id, "");
    }

    private bool HasEnded(AskedCommand command)
    {
        lock (_lock)
            return _answers.ContainsKey(command.Id) || _ends.ContainsKey(command.Id);
    }

    private Task Send(string gateway, string board, string text, string id)
    {
        string there = board.Replace("@@@", "===", StringComparison.Ordinal);
        MqttApplicationMessage message = new MqttApplicationMessageBuilder().WithTopic($"{gateway}/p2p/{there}").WithPayload(text).WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
        return Try(async () => _ = await _client.PublishAsync(message).WaitAsync(AckPatience), $"an acknowledgement of {id}");
    }

    private async Task Subscribe()
    {
        MqttClientSubscribeOptionsBuilder all = new();
        foreach (string filter in (string[])[$"+/p2p/{FromThere}", Receipts, "presence/+", "gw/+/presence/+", "dm/+/tele/climate"])
            _ = all.WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce);
        MqttClientSubscribeResult granted = await _client.SubscribeAsync(all.Build()).WaitAsync(Patience.Default);
        Assert.IsTrue(granted.Items.All(static item => item.ResultCode == MqttClientSubscribeResultCode.GrantedQoS1), "a subscription is refused");
    }

    // A cluster that has no leader for the moment answers nobody, or ends the connection.
    private async Task Try(Func<Task> what, string wanted)
    {
        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(Pause);
        while (true)
        {
            try
            {
                if (!_client.IsConnected)
                    _ = await _client.ConnectAsync(Options()).WaitAsync(AckPatience);
                await what();
                return;
            }
            catch (Exception away) when (away is MqttCommunicationException or MqttClientDisconnectedException or InvalidOperationException or TimeoutException or OperationCanceledException or AssertFailedException)
            {
                Assert.IsLessThan(Patience.Default, Stopwatch.GetElapsedTime(began), $"no {wanted}: {away.Message}");
            }

            _ = await timer.WaitForNextTickAsync();
        }
    }

    private MqttClientOptions Options() => new MqttClientOptionsBuilder().WithTcpServer(BrokerUnderTest.Host, _wire.Ports[0]).WithProtocolVersion(MqttProtocolVersion.V311)
        .WithClientId("desk").WithCleanSession(false).WithTimeout(AckPatience).Build();

    private void Hear(MqttApplicationMessage heard)
    {
        ReceivedMessage message = new(heard.Topic, heard.Payload.ToArray(), (int)heard.QualityOfServiceLevel, heard.Retain);
        lock (_lock)
            Note(message);
        Messages.Add(message);
    }

    private void Note(ReceivedMessage message)
    {
        _latest[message.Topic] = (message.Text, ++_heard);
        bool isPresence = message.Topic.Contains("presence/", StringComparison.Ordinal);
        JsonElement said = isPresence ? default : JsonSerializer.Deserialize<JsonElement>(message.Payload);
        if (IsAnswer(message))
            ValueOf(_answers, IdOf(message)).Add(message.Text);
        else if (message.Topic == Receipts)
            NoteReceipt(IdOf(message), said.GetProperty("st").GetString()!, said.TryGetProperty("why", out JsonElement why) ? why.GetString()! : "");
        else if (message.Topic.EndsWith("/tele/climate", StringComparison.Ordinal))
            _ = ValueOf(_readings, message.Topic.Split('/')[1]).Add(said.GetProperty("n").GetInt32());
    }

    private void NoteReceipt(string id, string status, string why)
    {
        _told[id] = status;
        if (status is "expired" or "dropped")
            _ = _ends.TryAdd(id, (status, why));
    }

    private static T ValueOf<T>(Dictionary<string, T> all, string key)
        where T : new()
    {
        if (!all.TryGetValue(key, out T? value))
            all.Add(key, value = new T());
        return value;
    }
}
