using System.Buffers;
using System.IO.Pipelines;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Presence;

/// <summary>
/// A connection to the upstream for the Will in its CONNECT, and for nothing else. Made anew when it is lost, until it is
/// ended. Not owned by the turn: it tells <see cref="DeviceWills"/> what became of it in turns of its own.
/// </summary>
internal sealed class WillLink(UplinkConnector connector, RelayOptions options, GatewayLimits limits, Turn turn, TimeProvider time)
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _dropsWill;
    private volatile bool _isAnswered;
    private Task? _flush; // of the connection there is

    /// <summary>Inside a turn: the upstream has the Will.</summary>
    public required Action<WillLink> Held { get; init; }

    /// <summary>Inside a turn: it has not, or not any more.</summary>
    public required Action<WillLink, UplinkEnd> Lost { get; init; }

    /// <summary>Ends the connection.</summary>
    /// <param name="dropsWill">With DISCONNECT, so that the Will is not published [MQTT-3.14.4-3]. Without, it is.</param>
    public void End(bool dropsWill)
    {
        _dropsWill = dropsWill;
        _ = _ended.TrySetResult();
    }

    /// <summary>Returns when <see cref="End"/> was called and the connection is closed. Does not throw.</summary>
    public async Task RunAsync()
    {
        Backoff backoff = new(TimeSpan.FromMilliseconds(options.BackoffMinMs), TimeSpan.FromMilliseconds(options.BackoffMaxMs), Random.Shared);
        while (!_ended.Task.IsCompleted)
        {
            long began = time.GetTimestamp();
            UplinkEnd end = await HoldAsync();
            Tell(() => Lost(this, end));
            if (time.GetElapsedTime(began) >= Backoff.GoodConnection)
                backoff.Reset();
            await _ended.Task.WaitAsync(backoff.Next(), time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<UplinkEnd> HoldAsync()
    {
        try
        {
            (StreamTransport transport, UplinkTerms terms) = await ConnectAsync();
            await using (transport)
            {
                _flush = null;
                Tell(() => Held(this));
                return await KeepAsync(transport, terms);
            }
        }
        catch (UplinkException exception)
        {
            return exception.End;
        }
        catch (Exception exception)
        {
            return new UplinkEnd(UplinkEndReason.InternalError, exception.ToString());
        }
    }

    // Where the Will is to be dropped the upstream may have it already: only a DISCONNECT tells it so.
    private async Task<(StreamTransport Transport, UplinkTerms Terms)> ConnectAsync()
    {
        using CancellationTokenSource stopping = new();
        Task<(StreamTransport Transport, UplinkTerms Terms)> connecting = connector.ConnectAsync(stopping.Token);
        if (await Task.WhenAny(connecting, _ended.Task) != connecting && !_dropsWill)
            await stopping.CancelAsync();
        return await connecting;
    }

    private async Task<UplinkEnd> KeepAsync(StreamTransport transport, UplinkTerms terms)
    {
        int keepAliveSeconds = terms.KeepAliveSeconds ?? options.KeepAliveSeconds;
        TimeSpan silence = keepAliveSeconds == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(keepAliveSeconds);
        TimeSpan answer = TimeSpan.FromSeconds(limits.RelayAnswerSecondsMax);
        Task gone = ReadAsync(transport.Input);
        Task either = Task.WhenAny(gone, _ended.Task);
        bool isAsked = false;
        UplinkEnd? end = null;
        while (end is null)
        {
            await either.WaitAsync(isAsked ? answer : silence, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.Task.IsCompleted)
                end = new UplinkEnd(UplinkEndReason.Stopping, "the Will is not needed any more");
            else if (gone.IsCompleted)
                end = new UplinkEnd(UplinkEndReason.ConnectionLost, "the upstream closed the connection");
            else if (isAsked && !_isAnswered)
                end = new UplinkEnd(UplinkEndReason.PingTimeout, $"nothing came within {limits.RelayAnswerSecondsMax} s of PINGREQ");
            else if (isAsked)
                isAsked = false;
            else
            {
                await SendAsync(transport.Output, PingPackets.PingReq.ToArray(), answer);
                isAsked = true;
            }
        }

        if (_ended.Task.IsCompleted && _dropsWill)
            await SendAsync(transport.Output, DisconnectPacket.Normal.ToArray(), answer);
        transport.Input.CancelPendingRead();
        await gone;
        return end.Value;
    }

    // Returns within the time, whether the network has taken it or not: where it has not, no answer comes.
    private async Task SendAsync(PipeWriter output, byte[] packet, TimeSpan within)
    {
        if (_flush is { IsCompleted: false })
            return;
        _isAnswered = false;
        output.Write(packet);
        _flush = output.FlushAsync().AsTask();
        await _flush.WaitAsync(within, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task ReadAsync(PipeReader input)
    {
        try
        {
            ReadResult result;
            do
            {
                result = await input.ReadAsync();
                _isAnswered = true;
                input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted && !result.IsCanceled);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // Its end is all there is to know.
        }
    }

    private void Tell(Action what)
    {
        using Turn.Scope scope = turn.Enter();
        what();
    }
}
