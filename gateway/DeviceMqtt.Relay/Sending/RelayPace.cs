using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// How fast messages may go upstream: all of them, and those that had to wait for the connection. So that an upstream that
/// is back after a day is not flooded, and what happens now does not wait for what happened yesterday. Owned by the turn.
/// </summary>
internal sealed class RelayPace(RelayOptions options)
{
    private readonly RateLimit _all = new(LowerOf(options.MessagesPerSecondMax, UpstreamProfile.Find(options.Profile)!.MessagesPerSecondMax));
    private readonly RateLimit _replay = new(options.ReplayPerSecondMax);
    private long _connectedMs;

    /// <summary>Sending has to be tried again as time goes by, and not only when something is acknowledged.</summary>
    public bool IsBounded => _all.IsOn || _replay.IsOn;

    public void Begin(long nowMs) => _connectedMs = nowMs;

    public bool HasRoom(long nowMs) => _all.HasRoom(nowMs);

    /// <summary>Messages accepted before this moment have to wait now.</summary>
    public long AcceptedBeforeMs(long nowMs) => _replay.HasRoom(nowMs) ? long.MinValue : _connectedMs;

    public void Sent(Message message)
    {
        _all.Take();
        if (message.AcceptedMs < _connectedMs)
            _replay.Take();
    }

    private static int LowerOf(int one, int other) => one == 0 || (other > 0 && other < one) ? other : one;
}
