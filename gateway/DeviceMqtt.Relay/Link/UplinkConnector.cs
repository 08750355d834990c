using System.Buffers;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Link;

/// <summary>
/// One try to connect to one address of the upstream, from the name to the CONNACK, each step within its time. It begins
/// with the best form that the upstream may know (<see cref="UplinkForm"/>); a broker which refuses that is asked again
/// in the next, at once. Some close without a word, but so does one that is just going away, and in a lesser form a message
/// no longer says where it has been: it would go round between two gateways. So silence has to come twice in a row, and from a broker that has
/// never taken that form, or that has done nothing else for an hour. No form is given up for good: a refused one is tried again after an hour, and all are when the last one left is refused.
/// </summary>
internal sealed class UplinkConnector(UpstreamAddress address, RelayOptions options, UplinkHandshake handshake, GatewayLimits limits, RelayWorld world, UplinkForm[]? forms = null)
{
    // Chosen: an upstream is seldom made anew, and a CONNECT in a form that it does not know costs a round trip of a try that is made anyway.
    private const long RememberedMs = LaterTry.HourMs;

    private readonly UpstreamDialer _dialer = new(address, options.Tls, world.Network);
    private readonly UplinkForm[] _forms = [.. forms ?? UplinkForm.For(options)];
    private readonly Dictionary<int, long> _rejectedMs = []; // by form, when

    // The form that was taken last: those behind it are for others.
    private int _lastTaken = int.MaxValue;
    private long? _silentSinceMs; // no answer but silence since then

    public UpstreamAddress Address => address;

    private long NowMs => world.Time.MonotonicMs();

    /// <returns>The transport, which the caller closes, and what the upstream takes.</returns>
    /// <exception cref="UplinkException">It did not work out; says why.</exception>
    public async Task<(StreamTransport Transport, UplinkTerms Terms)> ConnectAsync(CancellationToken stopping)
    {
        ForgetOldRejections();
        Tried tried = new() { HasAll = _rejectedMs.Count == 0 };
        for (int i = NextForm(0)!.Value; ;)
        {
            UplinkForm form = _forms[i];
            try
            {
                (StreamTransport transport, UplinkTerms terms) = await ConnectAsync(form, stopping);
                (_lastTaken, _silentSinceMs) = (i, null);
                // Another Will QoS it takes on the next connection. One that refused it just now, and says so all the same, is not asked each time.
                if (terms.QoSMax > QoS.AtMostOnce && !tried.IsFitted)
                    _forms[i] = _forms[i] with { WillQoSMax = QoS.ExactlyOnce };
                if (form.RetainsWill || !terms.HasRetain)
                    return (transport, terms);
                // What is retained of presence nobody would take back. One that refused it just now, and says so all the same, gets nothing retained.
                if (tried.IsFitted)
                    return (transport, terms with { HasRetain = false });
                await LeaveAsync(transport);
                _forms[i] = _forms[i] with { RetainsWill = true };
            }
            catch (UplinkException exception)
            {
                if (NextAfter(exception, i, tried) is not { } next)
                    throw;
                i = next;
            }
        }
    }

    /// <summary>What one try has found out so far.</summary>
    private sealed class Tried
    {
        /// <summary>No form is passed over in it.</summary>
        public bool HasAll { get; set; }

        /// <summary>A Will was made to fit.</summary>
        public bool IsFitted { get; set; }

        public bool WasSilent { get; set; }
    }

    // The form to go on with in this try; null where it has failed.
    private int? NextAfter(UplinkException exception, int failed, Tried tried)
    {
        bool isSilent = exception.End.Reason == UplinkEndReason.NoConnAck;
        _silentSinceMs = isSilent ? _silentSinceMs ?? NowMs : null;
        if (_forms[failed].Fitting(exception.Code) is { } fitting)
        {
            _forms[failed] = fitting;
            tried.IsFitted = true;
            return failed;
        }

        if (exception.End.Reason == UplinkEndReason.VersionRejected)
            return NextAfterRejection(failed, tried);
        if (!isSilent || NextForm(failed + 1) is not { } next || (failed >= _lastTaken && NowMs - _silentSinceMs < RememberedMs))
            return null;
        // Only the word is remembered.
        tried.WasSilent = !tried.WasSilent;
        return tried.WasSilent ? failed : next;
    }

    // One that has nothing left may know others by now: all that were passed over are tried at once.
    private int? NextAfterRejection(int rejected, Tried tried)
    {
        tried.WasSilent = false;
        _lastTaken = int.MaxValue;
        _rejectedMs[rejected] = NowMs;
        if (NextForm(rejected + 1) is { } next)
            return next;
        _rejectedMs.Clear();
        bool hadAll = tried.HasAll;
        tried.HasAll = true;
        return hadAll ? null : 0;
    }

    private int? NextForm(int from)
    {
        for (int i = from; i < _forms.Length; i++)
            if (!_rejectedMs.ContainsKey(i))
                return i;
        return null;
    }

    private void ForgetOldRejections()
    {
        foreach ((int form, long rejectedMs) in _rejectedMs.ToArray())
            if (NowMs - rejectedMs >= RememberedMs)
                _ = _rejectedMs.Remove(form);
    }

    private async Task<(StreamTransport Transport, UplinkTerms Terms)> ConnectAsync(UplinkForm form, CancellationToken stopping)
    {
        (Stream stream, IGathering? gathering) = await WithinAsync(_dialer.DialBothAsync, limits.RelayConnectSecondsMax, UplinkEndReason.ConnectTimeout, "connection", stopping);
        StreamTransport transport = new(stream, world.Time, isMostlyIdle: !handshake.Identity.IsGateway) { Gathering = gathering };
        try
        {
            UplinkTerms terms = await WithinAsync(
                token => handshake.RunAsync(transport, form, token), limits.RelayAnswerSecondsMax, UplinkEndReason.ConnAckTimeout, "CONNACK", stopping);
            return (transport, terms);
        }
        catch (Exception)
        {
            await transport.DisposeAsync();
            throw;
        }
    }

    // With DISCONNECT: its Will is not to be published.
    private static async Task LeaveAsync(StreamTransport transport)
    {
        transport.Output.Write(DisconnectPacket.Normal);
        _ = await transport.Output.FlushAsync();
        await transport.DisposeAsync();
    }

    private async Task<T> WithinAsync<T>(Func<CancellationToken, Task<T>> step, int secondsMax, UplinkEndReason late, string what, CancellationToken stopping)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(secondsMax), world.Time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
        try
        {
            return await step(either.Token);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            throw new UplinkException(UplinkEndReason.Stopping, "the gateway stops");
        }
        catch (OperationCanceledException)
        {
            throw new UplinkException(late, $"no {what} within {secondsMax} s");
        }
    }
}
