using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using DeviceMqtt.Client.Reading;
using DeviceMqtt.Client.Words;
using DeviceMqtt.Wire;
using MQTTnet;
using MQTTnet.Exceptions;
using MQTTnet.Formatter;
using MQTTnet.Protocol;

namespace DeviceMqtt.Client;

/// <summary>
/// A connection to a gateway for programs: its devices, what they measure, and commands to them. Safe to use from any thread. Events
/// come one after the other, on a thread of the client: a handler must not wait for the client.
/// </summary>
public sealed class DeviceClient : IAsyncDisposable
{
    private const string QueueTopic = "$gw/mailbox";

    // A gateway delivers what is retained over several turns: when so many rounds in a row bring nothing more, all has come.
    private const int QuietRounds = 3;

    // As many clients as a gateway knows. It tells of each that was ever here, and not when it forgets one.
    private const int PresencesMax = 20_000;
    private static readonly TimeSpan TimeoutMax = TimeSpan.FromDays(7);
    private readonly DeviceClientOptions _options;
    private readonly IMqttClient _mqtt;
    private readonly ConcurrentDictionary<string, PendingCommand> _pending = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Device> _devices = new(StringComparer.Ordinal); // by name, which their topics have
    private readonly ConcurrentDictionary<string, DevicePresence> _presences = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<TaskCompletionSource<WaitingCommands>, string> _queues = []; // with the device of each
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _heard;
    private int _presencesSince; // those told since absent ones were forgotten last; of the one thread that receives

    private DeviceClient(DeviceClientOptions options, string clientId)
    {
        _options = options;
        ClientId = clientId;
        _mqtt = new MqttClientFactory().CreateMqttClient();
        _mqtt.ApplicationMessageReceivedAsync += received =>
        {
            Receive(received.ApplicationMessage.Topic, received.ApplicationMessage.Payload.ToArray());
            return Task.CompletedTask;
        };
        _mqtt.DisconnectedAsync += gone =>
        {
            End(gone.Exception?.Message ?? "the gateway has closed the connection");
            return Task.CompletedTask;
        };
    }

    /// <summary>The Client Identifier of this program: answers to its commands go to it.</summary>
    public string ClientId { get; }

    /// <summary>Completes when the connection has ended.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Presence of a client has changed, or is told for the first time (<see cref="FollowPresenceAsync"/>).</summary>
    public event EventHandler<PresenceEventArgs>? PresenceChanged;

    /// <summary>A device has told readings or an event (<see cref="FollowTelemetryAsync"/>).</summary>
    public event EventHandler<TelemetryEventArgs>? TelemetryReceived;

    /// <summary>Connects, with MQTT 5.0.</summary>
    /// <exception cref="DeviceConnectionException">There is no gateway, or it refuses; the message says why.</exception>
    /// <exception cref="ArgumentException">An option cannot be used; the message names it.</exception>
    public static async Task<DeviceClient> ConnectAsync(DeviceClientOptions options, CancellationToken cancellation = default)
    {
        string clientId = options.ClientId ?? $"client-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}";
        if (!Wire.ClientId.IsAddressable(clientId))
            throw new ArgumentException($"ClientId is '{clientId}', which no P2P topic can name", nameof(options));
        if (!DeviceTopic.IsName(options.Prefix))
            throw new ArgumentException($"Prefix is '{options.Prefix}'; it must be one topic level", nameof(options));
        if (options.Address.Scheme is not ("mqtt" or "mqtts"))
            throw new ArgumentException($"Address has the scheme '{options.Address.Scheme}'; it must be mqtt or mqtts", nameof(options));
        DeviceClient client = new(options, clientId);
        try
        {
            await client.ConnectAsync(cancellation).ConfigureAwait(false);
            return client;
        }
        catch
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The devices whose birth the gateway has, by name, with their presence.</summary>
    /// <exception cref="DeviceConnectionException">The connection has ended, or the gateway does not answer.</exception>
    public async Task<IReadOnlyList<Device>> ListDevicesAsync(CancellationToken cancellation = default)
    {
        await SubscribeAsync(DeviceTopic.BuildInfo(_options.Prefix, "+"), cancellation).ConfigureAwait(false);
        await FollowPresenceAsync(cancellation).ConfigureAwait(false);
        for (int quiet = 0, heard = -1; quiet < QuietRounds;)
        {
            int before = heard;
            await RoundAsync(cancellation).ConfigureAwait(false);
            heard = Volatile.Read(ref _heard);
            quiet = heard == before ? quiet + 1 : 0;
        }

        return [.. _devices.Values.Select(d => d with { Presence = _presences.GetValueOrDefault(d.ClientId) }).OrderBy(d => d.Name, StringComparer.Ordinal)];
    }

    /// <summary>Tells the presence of all clients from now on: what is so now, then each change.</summary>
    /// <exception cref="DeviceConnectionException">The connection has ended, or the gateway refuses.</exception>
    public Task FollowPresenceAsync(CancellationToken cancellation = default) => SubscribeAsync(PresenceTopic.BuildGateway("+"), cancellation);

    /// <summary>Tells readings and events from now on.</summary>
    /// <param name="device">Of this device, as its topics call it; of all when null.</param>
    /// <param name="cancellation">Ends the waiting for the gateway.</param>
    /// <exception cref="DeviceConnectionException">The connection has ended, or the gateway refuses.</exception>
    public async Task FollowTelemetryAsync(string? device = null, CancellationToken cancellation = default)
    {
        await SubscribeAsync(DeviceTopic.BuildTelemetry(_options.Prefix, device ?? "+", "+"), cancellation).ConfigureAwait(false);
        await SubscribeAsync(DeviceTopic.BuildEvent(_options.Prefix, device ?? "+", "+"), cancellation).ConfigureAwait(false);
    }

    /// <summary>Sends a command with a fresh id, and returns what became of it.</summary>
    /// <param name="clientId">Client Identifier of the device, or its name when it was listed before.</param>
    /// <param name="command">Name of the command, 1 to 32 bytes.</param>
    /// <param name="arguments">By name: bool, int, long, double, string or null; null for none.</param>
    /// <param name="options">As they are by themselves when null.</param>
    /// <param name="cancellation">Gives the answer up. The command is good for its time all the same.</param>
    /// <exception cref="ArgumentException">The command cannot be written, or the device cannot be named.</exception>
    /// <exception cref="DeviceConnectionException">The connection has ended: the command may have been carried out.</exception>
    public async Task<CommandResult> SendAsync(
        string clientId, string command, IReadOnlyDictionary<string, object?>? arguments = null, SendOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new SendOptions();
        if (options.Timeout <= TimeSpan.Zero || options.Timeout > TimeoutMax)
            throw new ArgumentException($"Timeout is {options.Timeout}; it must be more than zero and at most {TimeoutMax}", nameof(options));
        if (options.TimeToLive is { } asked && (asked <= TimeSpan.Zero || asked > TimeoutMax))
            throw new ArgumentException($"TimeToLive is {asked}; it must be more than zero and at most {TimeoutMax}", nameof(options));
        string target = TargetOf(clientId);
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        byte[] payload = CommandText.Of(id, command, arguments, ClientId, options.TimeToLive ?? options.Timeout);
        PendingCommand pending = new(id, options.Progress);
        _pending[id] = pending;
        try
        {
            if (_closed.Task.IsCompleted)
                throw new DeviceConnectionException("the connection to the gateway has ended");
            MqttClientPublishResult accepted = await PublishAsync(P2PTopic.Build(_options.Prefix, target), payload, MqttQualityOfServiceLevel.AtLeastOnce, cancellation).ConfigureAwait(false);
            if ((byte)accepted.ReasonCode >= 128)
                return new CommandResult(CommandOutcome.Dropped, id, 0, accepted.ReasonString is { Length: > 0 } why ? why : $"{accepted.ReasonCode}", "");
            pending.Tell(CommandProgress.Accepted);
            return await pending.End.WaitAsync(options.Timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new CommandResult(CommandOutcome.NoAnswer, id, 0, $"no answer within {options.Timeout.TotalSeconds:0.#} s", "");
        }
        finally
        {
            _ = _pending.TryRemove(id, out _);
        }
    }

    /// <summary>What waits for a device at the gateway. Needs the role <c>operator</c>.</summary>
    /// <exception cref="DeviceConnectionException">The connection has ended, or the gateway does not answer.</exception>
    public async Task<WaitingCommands> GetQueueAsync(string clientId, CancellationToken cancellation = default)
    {
        string target = TargetOf(clientId);
        TaskCompletionSource<WaitingCommands> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _queues[answer] = target;
        try
        {
            MqttClientPublishResult asked = await PublishAsync(QueueTopic, Encoding.UTF8.GetBytes(target), MqttQualityOfServiceLevel.AtLeastOnce, cancellation).ConfigureAwait(false);
            if ((byte)asked.ReasonCode >= 128)
                throw new DeviceConnectionException($"the gateway does not tell: {(asked.ReasonString is { Length: > 0 } why ? why : $"{asked.ReasonCode}")}");
            return await answer.Task.WaitAsync(_options.Timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new DeviceConnectionException($"no answer of the gateway within {_options.Timeout.TotalSeconds:0.#} s", exception);
        }
        finally
        {
            _ = _queues.TryRemove(answer, out _);
        }
    }

    /// <summary>Disconnects. What is awaited fails.</summary>
    public async ValueTask DisposeAsync()
    {
        End("the program has closed the connection");
        if (_mqtt.IsConnected)
        {
            try
            {
                await _mqtt.DisconnectAsync().ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is MqttCommunicationException or IOException)
            {
                // It has ended meanwhile, which is what was wanted.
            }
        }

        _mqtt.Dispose();
    }

    private string TargetOf(string device)
    {
        string target = _devices.Values.Any(d => d.ClientId == device) ? device : _devices.GetValueOrDefault(device)?.ClientId ?? device;
        return Wire.ClientId.IsAddressable(target) ? target : throw new ArgumentException($"'{device}' cannot be the Client Identifier of a device", nameof(device));
    }

    private async Task ConnectAsync(CancellationToken cancellation)
    {
        MqttClientOptionsBuilder builder = new MqttClientOptionsBuilder()
            .WithProtocolVersion(MqttProtocolVersion.V500)
            .WithClientId(ClientId)
            .WithCleanStart()
            .WithTimeout(_options.Timeout)
            .WithTcpServer(_options.Address.Host.Length > 0 ? _options.Address.Host : "localhost", Port());
        if (_options.Dial is { } dial)
            builder = builder.WithStreamProvider(new StreamDial(dial));
        else if (_options.Address.Scheme == "mqtts")
            builder = builder.WithTlsOptions(tls => tls.UseTls());
        string[] user = _options.Address.UserInfo.Split(':', 2);
        if (user[0].Length > 0)
            builder = builder.WithCredentials(Uri.UnescapeDataString(user[0]), user.Length > 1 ? Uri.UnescapeDataString(user[1]) : "");
        MqttClientConnectResult connected = await TryAsync(c => _mqtt.ConnectAsync(builder.Build(), c), "the gateway cannot be reached", cancellation).ConfigureAwait(false);
        if (connected.ResultCode != MqttClientConnectResultCode.Success)
            throw new DeviceConnectionException($"the gateway refuses: {(connected.ReasonString is { Length: > 0 } why ? why : $"{connected.ResultCode}")}");
        await SubscribeAsync(ReceiptTopic.Build(ClientId), cancellation).ConfigureAwait(false);
    }

    private int Port() => _options.Address.Port > 0 ? _options.Address.Port : _options.Address.Scheme == "mqtts" ? 8883 : 1883;

    private async Task SubscribeAsync(string filter, CancellationToken cancellation)
    {
        MqttClientSubscribeOptions options = new MqttClientSubscribeOptionsBuilder().WithTopicFilter(filter, MqttQualityOfServiceLevel.AtLeastOnce).Build();
        MqttClientSubscribeResult result = await TryAsync(c => _mqtt.SubscribeAsync(options, c), "the gateway does not answer", cancellation).ConfigureAwait(false);
        MqttClientSubscribeResultItem item = result.Items.Single();
        if ((byte)item.ResultCode >= 128)
            throw new DeviceConnectionException($"the gateway refuses the subscription to {filter}: {(result.ReasonString is { Length: > 0 } why ? why : $"{item.ResultCode}")}");
    }

    private Task<MqttClientPublishResult> PublishAsync(string topic, byte[] payload, MqttQualityOfServiceLevel qos, CancellationToken cancellation)
    {
        MqttApplicationMessage message = new MqttApplicationMessageBuilder().WithTopic(topic).WithPayload(payload).WithQualityOfServiceLevel(qos).Build();
        return TryAsync(c => _mqtt.PublishAsync(message, c), "the gateway does not answer", cancellation);
    }

    // A P2P message to this client itself: it comes behind all that the gateway has sent before it.
    private async Task RoundAsync(CancellationToken cancellation)
    {
        string id = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8));
        PendingCommand round = new(id, progress: null);
        _pending[id] = round;
        try
        {
            FlatJsonWriter writer = new(WireLimits.CommandBytesMax);
            CommandAnswer.Begin(writer, id, CommandStatus.Ok, 0);
            _ = writer.End();
            _ = await PublishAsync(P2PTopic.Build(_options.Prefix, ClientId), writer.ToArray(), MqttQualityOfServiceLevel.AtMostOnce, cancellation).ConfigureAwait(false);
            _ = await round.End.WaitAsync(_options.Timeout, cancellation).ConfigureAwait(false);
        }
        catch (TimeoutException exception)
        {
            throw new DeviceConnectionException($"no answer of the gateway within {_options.Timeout.TotalSeconds:0.#} s", exception);
        }
        finally
        {
            _ = _pending.TryRemove(id, out _);
        }
    }

    private async Task<T> TryAsync<T>(Func<CancellationToken, Task<T>> call, string what, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(_options.Timeout);
        try
        {
            return await call(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new DeviceConnectionException($"{what}: nothing within {_options.Timeout.TotalSeconds:0.#} s", exception);
        }
        catch (Exception exception) when (exception is MqttCommunicationException or MqttClientDisconnectedException or InvalidOperationException or ObjectDisposedException)
        {
            throw new DeviceConnectionException($"{what}: {(exception.InnerException ?? exception).Message}", exception);
        }
    }

    private void Receive(string topic, byte[] payload)
    {
        if (P2PTopic.TryParse(topic, out _, out string target))
            ReceiveAnswer(target, payload);
        else if (ReceiptTopic.TryParse(topic, out _))
            ReceiveReceipt(payload);
        else if (PresenceTopic.TryParseGateway(topic, out string clientId))
            ReceivePresence(clientId, payload);
        else if (topic == QueueTopic)
            ReceiveQueue(payload);
        else if (DeviceTopic.Parse(topic) is { } device)
            ReceiveOfDevice(device, payload);
    }

    private void ReceiveAnswer(string target, byte[] payload)
    {
        CommandAnswer answer = new();
        if (target == ClientId && answer.TryRead(payload, 0, payload.Length) && _pending.TryGetValue(answer.Id, out PendingCommand? pending))
            pending.Answered(answer, answer.ResultLength == 0 ? "" : Encoding.UTF8.GetString(payload, answer.ResultOffset, answer.ResultLength));
    }

    private void ReceiveReceipt(byte[] payload)
    {
        if (ReceiptText.Read(payload) is { Status.Length: > 0 } receipt && _pending.TryGetValue(receipt.Id, out PendingCommand? pending))
            pending.Told(receipt);
    }

    private void ReceivePresence(string clientId, byte[] payload)
    {
        if (PresenceText.Read(clientId, payload) is not { } presence)
            return;
        _presences[clientId] = presence;
        if (++_presencesSince >= PresencesMax)
        {
            _presencesSince = 0;
            ForgetAbsent();
        }

        _ = Interlocked.Increment(ref _heard);
        PresenceChanged?.Invoke(this, new PresenceEventArgs(presence));
    }

    private void ReceiveQueue(byte[] payload)
    {
        if (QueueText.Read(payload) is not { } queue)
            return;
        foreach ((TaskCompletionSource<WaitingCommands> asked, string device) in _queues)
            if (device == queue.ClientId)
                _ = asked.TrySetResult(queue);
    }

    private void ReceiveOfDevice(DeviceTopic topic, byte[] payload)
    {
        if (topic.Kind != DeviceTopicKind.Info)
        {
            if (TelemetryText.Read(topic, payload) is { } telemetry)
                TelemetryReceived?.Invoke(this, new TelemetryEventArgs(telemetry));
        }
        else if (payload.Length == 0)
        {
            _ = _devices.TryRemove(topic.Device, out _);
        }
        else if (BirthText.Read(topic.Device, payload) is { } device)
        {
            _devices[device.Name] = device;
            _ = Interlocked.Increment(ref _heard);
        }
    }

    private void ForgetAbsent()
    {
        HashSet<string> listed = [.. _devices.Values.Select(static d => d.ClientId)];
        foreach ((string clientId, DevicePresence presence) in _presences)
            if (!presence.IsOnline && !listed.Contains(clientId))
                _ = _presences.TryRemove(clientId, out _);
    }

    private void End(string why)
    {
        _ = _closed.TrySetResult();
        foreach (PendingCommand pending in _pending.Values)
            pending.Fail(new DeviceConnectionException(why));
        foreach (TaskCompletionSource<WaitingCommands> queue in _queues.Keys)
            _ = queue.TrySetException(new DeviceConnectionException(why));
    }
}
