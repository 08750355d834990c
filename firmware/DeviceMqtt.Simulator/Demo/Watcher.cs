using System.Net.Sockets;
using System.Text;
using nanoFramework.M2Mqtt;
using nanoFramework.M2Mqtt.Exceptions;
using nanoFramework.M2Mqtt.Messages;

namespace DeviceMqtt.Simulator;

/// <summary>A client that remembers what it receives, and waits for messages that are still to come.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly MqttClient _client;
    private readonly Lock _lock = new();
    private readonly List<Seen> _seen = [];
    private readonly List<(Func<Seen, bool> IsWanted, TaskCompletionSource<Seen> Found)> _waiting = [];

    private Watcher(string host, int port, string clientId, string? user = null, string? password = null)
    {
        ClientId = clientId;
        _client = new MqttClient(host, port, secure: false, caCert: null, clientCert: null, MqttSslProtocols.None);
        _client.MqttMsgPublishReceived += (_, e) => See(new Seen(e.Topic, Encoding.UTF8.GetString(e.Message)));
        MqttReasonCode code = _client.Connect(clientId, user, password, willRetain: false, MqttQoSLevel.AtMostOnce, willFlag: false, willTopic: null, willMessage: null, cleanSession: true, keepAlivePeriod: 30);
        if (code != MqttReasonCode.Success)
            throw new IOException($"{host}:{port} refused '{clientId}': {code}");
    }

    public string ClientId { get; }

    /// <exception cref="IOException">The broker cannot be reached, or refused.</exception>
    public static Watcher Connect(string host, int port, string clientId, string? user = null, string? password = null)
    {
        try
        {
            return new Watcher(host, port, clientId, user, password);
        }
        catch (Exception exception) when (exception is SocketException or MqttConnectionException or MqttCommunicationException)
        {
            throw new IOException($"{host}:{port}: {exception.Message}", exception);
        }
    }

    /// <summary>Each message as it arrives.</summary>
    public Action<Seen>? Arrived { get; set; }

    /// <summary>Subscribes and returns when the broker has granted it.</summary>
    public async Task SubscribeAsync(TimeSpan timeout, params string[] filters)
    {
        TaskCompletionSource granted = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _client.MqttMsgSubscribed += (_, _) => granted.TrySetResult();
        _client.Subscribe(filters, [.. filters.Select(static _ => MqttQoSLevel.AtLeastOnce)]);
        await granted.Task.WaitAsync(timeout);
    }

    public void Publish(string topic, string payload) =>
        _client.Publish(topic, Encoding.UTF8.GetBytes(payload), contentType: null, userProperties: null, MqttQoSLevel.AtLeastOnce, retain: false);

    /// <summary>The first message that is wanted, of those that came already or within the time.</summary>
    /// <returns>Null when none came.</returns>
    public async Task<Seen?> WaitForAsync(Func<Seen, bool> isWanted, TimeSpan timeout)
    {
        TaskCompletionSource<Seen> found = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            foreach (Seen seen in _seen)
                if (isWanted(seen))
                    return seen;
            _waiting.Add((isWanted, found));
        }

        try
        {
            return await found.Task.WaitAsync(timeout);
        }
        catch (TimeoutException)
        {
            lock (_lock)
                _ = _waiting.RemoveAll(waiting => waiting.Found == found);
            return null;
        }
    }

    /// <summary>What came so far.</summary>
    public Seen[] Snapshot()
    {
        lock (_lock)
            return [.. _seen];
    }

    public void Dispose()
    {
        _client.Close();
        _client.Dispose();
    }

    private void See(Seen message)
    {
        lock (_lock)
        {
            _seen.Add(message);
            // Whoever has what it waited for is not asked again: its question may be about things that are no more.
            _ = _waiting.RemoveAll(waiting => waiting.IsWanted(message) && waiting.Found.TrySetResult(message));
        }

        Arrived?.Invoke(message);
    }
}
