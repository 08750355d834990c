using DeviceMqtt.Broker;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Relay.Uplinks;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Relay;

/// <summary>The link of a broker to one upstream. What goes there waits in the broker while the upstream is away.</summary>
public sealed class BrokerUpstream : IDisposable
{
    private readonly Uplink _uplink;

    private BrokerUpstream(Uplink uplink) => _uplink = uplink;

    /// <summary>Whether the upstream has accepted the connection, and it still stands.</summary>
    public bool IsConnected => _uplink.Status.State == UplinkState.Connected;

    /// <summary>Gives a broker its upstream. Messages wait for it from now on; <see cref="RunAsync"/> connects.</summary>
    /// <param name="broker">Has no upstream yet. With a data folder, do this before it is recovered.</param>
    /// <param name="options">Where to, and what crosses.</param>
    /// <param name="log">Is told when the link is up or down, and why; unless given, nobody.</param>
    /// <exception cref="ArgumentException">An option cannot be used; the message names it.</exception>
    /// <exception cref="InvalidOperationException">The broker has an upstream.</exception>
    public static BrokerUpstream Attach(MqttBroker broker, UpstreamOptions options, ILogger? log = null)
    {
        RelayOptions relay = options.ToRelay();
        if (relay.Check("Upstream") is { } wrong)
            throw new ArgumentException(wrong, nameof(options));
        try
        {
            _ = UpstreamAddress.Parse(options.Address);
        }
        catch (SettingException exception)
        {
            throw new ArgumentException($"Address is no address of an upstream: {exception.Message}", nameof(options), exception);
        }

        if (broker.State.Upstreams.Backlogs.Count > 0)
            throw new InvalidOperationException("the broker has an upstream");
        return new BrokerUpstream(RelayParts.Create([relay], broker.State, new RelayWorld(broker.Time), log ?? NullLogger.Instance)[0]);
    }

    /// <summary>Keeps the broker connected, and tries again when it is not, until it is told to stop. Once only.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        if (_uplink.ExecuteTask is not null)
            throw new InvalidOperationException("it has run already");
        if (stopping.IsCancellationRequested)
            return; // Nothing began.
        await _uplink.StartAsync(stopping);
        await _uplink.ExecuteTask!;
    }

    /// <summary>Ends the link, if it still runs.</summary>
    public void Dispose() => _uplink.Dispose();
}
