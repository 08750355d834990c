using System.Collections.Concurrent;
using System.Net;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Tls;

/// <summary>
/// Connections whose client has shown a certificate, so that they end when it is not taken any more: it, or one above it, was revoked, its time is over where the clock is believed, or its authority
/// is not in the settings' file. Safe from any thread; bounded by the connections.
/// </summary>
/// <param name="files">What is taken.</param>
/// <param name="log">For the ends.</param>
/// <param name="time">For the waiting.</param>
internal sealed class CertifiedClients(TlsFiles files, ILogger log, TimeProvider time)
{
    /// <summary>From the broker's being asked to close connections until they are cut off. Chosen: as <see cref="Listeners"/> give a client for taking its last bytes.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    private readonly ConcurrentDictionary<object, Client> _open = [];
    private long _believedTicks; // UTC; 0 where the clock is not believed

    private sealed class Client(ClientChain chain, EndPoint? remote, Action abort)
    {
        public ClientChain Chain => chain;

        public EndPoint? Remote => remote;

        public Action Abort => abort;

        /// <summary>It was found, and is being closed.</summary>
        public bool IsEnding { get; set; }
    }

    /// <summary>Has the broker look whom it lets in no more: it ends connections in good order, with a reason. None before there is a broker.</summary>
    public Action? Review { get; set; }

    /// <summary>Why a client's certificate is not taken now; null when it is.</summary>
    public string? WhyNot(ClientChain chain) =>
        files.Current.WhyNot(chain, Volatile.Read(ref _believedTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null);

    /// <summary>A connection that is to be ended when its certificate is not taken any more.</summary>
    /// <param name="connection">Names it for <see cref="Remove"/>.</param>
    /// <param name="chain">Its client's.</param>
    /// <param name="remote">Where it comes from.</param>
    /// <param name="abort">Ends it.</param>
    public void Add(object connection, ClientChain chain, EndPoint? remote, Action abort) => _open[connection] = new Client(chain, remote, abort);

    public void Remove(object connection) => _open.TryRemove(connection, out _);

    /// <summary>Ends those whose certificate is not taken any more. One caller at a time, outside a turn.</summary>
    /// <param name="now">The time; null where the clock is not believed.</param>
    public void EndUntaken(DateTimeOffset? now)
    {
        Volatile.Write(ref _believedTicks, now?.UtcTicks ?? 0);
        List<object>? ending = null;
        foreach ((object connection, Client client) in _open)
        {
            if (client.IsEnding || WhyNot(client.Chain) is not { } why)
                continue;
            client.IsEnding = true;
            log.CertificateUntaken(client.Chain.Certificate.Subject, client.Chain.Certificate.SerialNumber, client.Remote, why);
            (ending ??= []).Add(connection);
        }

        if (ending is null)
            return;
        Review?.Invoke();
        _ = CutOffLaterAsync(ending);
    }

    // The broker cannot close one that has not sent its CONNECT, and a client may not take its last bytes.
    private async Task CutOffLaterAsync(List<object> ending)
    {
        await Task.Delay(CloseTimeout, time);
        foreach (object connection in ending)
        {
            if (!_open.TryGetValue(connection, out Client? client))
                continue;
            if (WhyNot(client.Chain) is null)
                client.IsEnding = false; // the files were changed back
            else
                client.Abort();
        }
    }
}
