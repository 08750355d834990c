using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using DeviceMqtt.Client;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;
using Microsoft.Extensions.Logging;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace DeviceMqtt.HomeAssistant;

/// <summary>
/// Keeps Home Assistant informed of the devices, and carries out what it wants of them: an MQTT client of the gateway, with a second one for the
/// commands. All that comes is handled one after the other.
/// </summary>
/// <param name="topics">Where everything is.</param>
/// <param name="gateway">The name of this gateway.</param>
/// <param name="devicesMax">Most devices that are announced.</param>
/// <param name="dial">Opens a connection to the gateway.</param>
/// <param name="mayLog">Whether there is room in the log for one more line about a single wish.</param>
/// <param name="log">Where lines go.</param>
/// <param name="time">The clock.</param>
internal sealed class HomeAssistantBridge(
    DiscoveryTopics topics, string gateway, int devicesMax, Func<CancellationToken, Task<Stream>> dial, Func<bool> mayLog, ILogger log, TimeProvider time)
{
    private const int WorkMax = 1_024; // who sends more waits
    private const ushort WindowMax = 100; // the gateway keeps the rest
    private const int CommandsMax = 64; // under way at once
    private const int PayloadBytesMax = 1_024; // of a wish; more than a command has
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PauseMax = TimeSpan.FromMinutes(1);

    // Home Assistant makes some ten entities of each document: a thousand take it ten seconds at this pace.
    private static readonly TimeSpan Spread = TimeSpan.FromMilliseconds(10);

    private int _underWay;
    private long _notHandled;
    private DeviceClient? _commands;
    private IMqttClient? _mqtt;
    private Discovery _discovery = new(topics, gateway, devicesMax);
    private HashSet<string> _listed = [];

    /// <summary>Until it is to stop. A connection that ends is made anew.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        TimeSpan pause = PauseMin;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await ServeAsync(() => pause = PauseMin, stop).ConfigureAwait(false);
            }
            catch (Exception exception) when (!stop.IsCancellationRequested && IsOfTheConnection(exception))
            {
                log.BeginsAnew(pause.TotalSeconds, exception.Message);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < PauseMax ? pause * 2 : PauseMax;
        }
    }

    private static bool IsOfTheConnection(Exception exception) =>
        exception is MqttCommunicationException or MqttProtocolViolationException or MqttClientDisconnectedException or DeviceConnectionException or IOException or InvalidOperationException or OperationCanceledException or TimeoutException;

    private async Task ServeAsync(Action connected, CancellationToken stop)
    {
        Channel<Func<CancellationToken, Task>> work = Channel.CreateBounded<Func<CancellationToken, Task>>(new BoundedChannelOptions(WorkMax) { SingleReader = true });
        await using DeviceClient commands = await DeviceClient.ConnectAsync(new DeviceClientOptions { Dial = dial, Prefix = topics.DevicePrefix, Timeout = Patience }, stop).ConfigureAwait(false);
        IReadOnlyList<Device> devices = await commands.ListDevicesAsync(stop).ConfigureAwait(false);
        _listed = [.. devices.Select(d => topics.Config(d.Name))];
        _discovery = new Discovery(topics, gateway, devicesMax);
        _commands = commands;
        using IMqttClient mqtt = new MqttClientFactory().CreateMqttClient();
        _mqtt = mqtt;
        mqtt.ApplicationMessageReceivedAsync += received => work.Writer.WriteAsync(cancellation => HandleAsync(received.ApplicationMessage, work.Writer, cancellation), stop).AsTask();
        mqtt.DisconnectedAsync += gone =>
        {
            _ = work.Writer.TryComplete(new IOException(gone.ReasonString ?? gone.Exception?.Message ?? "the gateway has closed the connection"));
            return Task.CompletedTask;
        };
        _ = commands.Closed.ContinueWith(_ => work.Writer.TryComplete(new IOException("the gateway has closed the connection for commands")), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        MqttClientOptions options = new MqttClientOptionsBuilder().WithProtocolVersion(MqttProtocolVersion.V500).WithCleanStart().WithReceiveMaximum(WindowMax).WithTimeout(Patience)
            .WithClientId($"home-assistant-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}").WithTcpServer("localhost").WithStreamProvider(new StreamDial(dial)).Build();
        MqttClientConnectResult answer = await mqtt.ConnectAsync(options, stop).ConfigureAwait(false);
        if (answer.ResultCode != MqttClientConnectResultCode.Success)
            throw new DeviceConnectionException($"the gateway refuses: {answer.ResultCode}");
        log.Announcing(devices.Count, topics.AllConfigs);
        // What is there already, first: a document that is as it was is not published again.
        foreach (string filter in (string[])[topics.AllConfigs, topics.State("+", "+"), topics.AllBirths, topics.AllEvents, topics.AllCommands, topics.Status])
            await SubscribeAsync(filter, stop).ConfigureAwait(false);
        connected();
        await foreach (Func<CancellationToken, Task> next in work.Reader.ReadAllAsync(stop).ConfigureAwait(false))
            await next(stop).ConfigureAwait(false);
    }

    private async Task SubscribeAsync(string filter, CancellationToken stop)
    {
        MqttClientSubscribeOptions options = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(f => f.WithTopic(filter).WithNoLocal().WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce)).Build();
        MqttClientSubscribeResult result = await _mqtt!.SubscribeAsync(options, stop).ConfigureAwait(false);
        if ((byte)result.Items.Single().ResultCode >= 128)
            throw new DeviceConnectionException($"the gateway refuses the subscription to {filter}: {result.Items.Single().ResultCode}");
    }

    private async Task HandleAsync(MqttApplicationMessage message, ChannelWriter<Func<CancellationToken, Task>> work, CancellationToken stop)
    {
        string topic = message.Topic;
        byte[] payload = message.Payload.ToArray();
        if (topic == topics.Status)
        {
            if (!message.Retain && payload.AsSpan().SequenceEqual("online"u8))
                await AnnounceAgainAsync(stop).ConfigureAwait(false);
        }
        else if (topic.StartsWith(topics.Base + "/", StringComparison.Ordinal) && topic.Split('/') is [_, _, var kind, ..])
        {
            if (kind == "evt")
                Guarded(topic, () => _discovery.SeeState(topic, payload, _listed.Contains));
            else if (!message.Retain) // what was wanted once, long ago
                Guarded(topic, () => CarryOut(topic, payload, work, stop));
        }
        else if (topic.StartsWith(topics.DiscoveryPrefix + "/", StringComparison.Ordinal))
        {
            await TellAsync(topic, () => _discovery.SeeDocument(topic, payload, _listed.Contains), stop).ConfigureAwait(false);
        }
        else if (DeviceTopic.Parse(topic) is { } of)
        {
            await HandleDeviceAsync(topic, of, message.Retain, payload, stop).ConfigureAwait(false);
        }
    }

    private async Task HandleDeviceAsync(string name, DeviceTopic topic, bool isRetained, byte[] payload, CancellationToken stop)
    {
        if (topic.Kind == DeviceTopicKind.Event)
        {
            await TellAsync(name, () => _discovery.SeeEvent(topic.Device, topic.Name, payload), stop).ConfigureAwait(false);
            return;
        }

        if (payload.Length > 0 && _discovery.IsFullFor(topic.Device))
        {
            if (mayLog())
                log.TooManyDevices(topic.Device, devicesMax);
            return;
        }

        if (payload.Length == 0)
            log.Removed(topic.Device);
        bool hasTold = await TellAsync(name, () => _discovery.SeeBirth(topic.Device, payload, isRetained ? null : time.GetUtcNow().ToUnixTimeMilliseconds() / 1000.0), stop).ConfigureAwait(false);
        if (hasTold && isRetained)
            await Task.Delay(Spread, time, stop).ConfigureAwait(false);
    }

    // Births are retained: whoever subscribes anew gets them all.
    private async Task AnnounceAgainAsync(CancellationToken stop)
    {
        log.AnnouncingAgain();
        _discovery.Forget();
        _ = await _mqtt!.UnsubscribeAsync(topics.AllBirths, stop).ConfigureAwait(false);
        await SubscribeAsync(topics.AllBirths, stop).ConfigureAwait(false);
    }

    private void CarryOut(string topic, byte[] payload, ChannelWriter<Func<CancellationToken, Task>> work, CancellationToken stop)
    {
        string? why = null;
        if (_discovery.Find(topic) is not { } found)
            why = "no device has such a control";
        else if (payload.Length > PayloadBytesMax || found.Control.ArgumentsOf(Encoding.UTF8.GetString(payload)) is not { } arguments)
            why = "this is no value that it can have";
        else if (Volatile.Read(ref _underWay) >= CommandsMax)
            why = $"{CommandsMax} commands are under way";
        else
            _ = SendAsync(topic, found.Device, found.Control, arguments, work, stop);
        if (why is not null && mayLog())
            log.NotDone(topic, why);
    }

    private async Task SendAsync(string topic, AnnouncedDevice device, Control control, Dictionary<string, object?> arguments, ChannelWriter<Func<CancellationToken, Task>> work, CancellationToken stop)
    {
        _ = Interlocked.Increment(ref _underWay);
        try
        {
            SendOptions options = new() { Timeout = AnswerTimeout, TimeToLive = TimeSpan.FromSeconds(CommandForm.TimeToLiveOf(control.Class)) };
            CommandResult result = await _commands!.SendAsync(device.ClientId, control.Command, arguments, options, stop).ConfigureAwait(false);
            if (result.IsOk)
                await work.WriteAsync(cancellation => TellAsync(topic, () => _discovery.SeeAnswer(device, control, result.ResultJson), cancellation), stop).ConfigureAwait(false);
            else if (mayLog())
                log.NotDone(topic, $"{result.Outcome}{(result.Reason.Length > 0 ? $", {result.Reason}" : "")}");
        }
        catch (Exception exception) when (IsOfTheConnection(exception) || exception is ArgumentException or ChannelClosedException)
        {
            if (mayLog() && !stop.IsCancellationRequested)
                log.NotDone(topic, exception.Message);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _underWay);
        }
    }

    // A message that cannot be handled is one message less. The connection goes on: the same message may be retained, and would be there again with the next one.
    private void Guarded(string topic, Action handle)
    {
        try
        {
            handle();
        }
        catch (Exception fault)
        {
            _notHandled++;
            if (mayLog())
                log.NotHandled(fault, topic, _notHandled);
        }
    }

    private async Task<bool> TellAsync(string topic, Func<IEnumerable<Telling>> see, CancellationToken stop)
    {
        List<Telling> tellings = [];
        Guarded(topic, () => tellings.AddRange(see()));
        bool hasTold = false;
        foreach (Telling telling in tellings)
        {
            MqttApplicationMessage message = new MqttApplicationMessageBuilder().WithTopic(telling.Topic).WithPayload(telling.Payload).WithRetainFlag()
                .WithQualityOfServiceLevel(MqttQualityOfServiceLevel.AtLeastOnce).Build();
            MqttClientPublishResult result = await _mqtt!.PublishAsync(message, stop).ConfigureAwait(false);
            hasTold = true;
            if (result.IsSuccess)
                continue;
            _discovery.Forget(telling.Topic);
            if (mayLog())
                log.NotDone(telling.Topic, result.ReasonString ?? result.ReasonCode.ToString());
        }

        return hasTold;
    }
}
