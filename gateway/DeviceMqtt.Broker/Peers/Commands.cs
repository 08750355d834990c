using DeviceMqtt.Broker.Messages;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Peers;

/// <summary>
/// Reads commands and answers among P2P messages, and says how long a command is good: until its <c>exp</c>, its <c>ttl</c> or its Message
/// Expiry Interval, whichever ends first, or for the time of its class when it says none of them. Owned by the turn.
/// <para>
/// Waiting is counted in running time. Only <c>exp</c> is about the clock on the wall: where that shows nothing that can be, the
/// time of the class counts in its place, and <c>exp</c> is looked at again when the command is handed over.
/// </para>
/// </summary>
internal sealed class Commands(GatewayLimits limits, GroupPolicies policies, WallClock wall, RunningClock running, Births births)
{
    /// <summary>Seconds that a P2P message is kept that is no command and says nothing itself: 3 days, as Alibaba Cloud keeps them.</summary>
    public const int PlainSeconds = 3 * 24 * 3600;

    private const long NoMoment = -1;
    private readonly CommandEnvelope _envelope = new();
    private readonly CommandAnswer _answer = new();

    /// <summary>The command that was read last.</summary>
    public CommandEnvelope Envelope => _envelope;

    /// <summary>The answer that was read last.</summary>
    public CommandAnswer Answer => _answer;

    /// <summary>Whether a payload is a command that a device of ours would carry out.</summary>
    public bool TryRead(ReadOnlySpan<byte> payload)
    {
        if (!MayBeObject(payload))
            return false;
        byte[] bytes = payload.ToArray();
        return _envelope.TryRead(bytes, 0, bytes.Length) && _envelope.IsCommand;
    }

    /// <summary>Whether a payload is the answer to a command.</summary>
    public bool TryReadAnswer(ReadOnlySpan<byte> payload)
    {
        if (!MayBeObject(payload))
            return false;
        byte[] bytes = payload.ToArray();
        return _answer.TryRead(bytes, 0, bytes.Length);
    }

    /// <summary>Gives a P2P message its end.</summary>
    /// <returns>True when it is a command, which is in <see cref="Envelope"/> then.</returns>
    public bool LimitLifetime(ref Publication publication, string target)
    {
        bool says = publication.ExpiresMs != long.MaxValue;
        publication.LimitLifetime((uint)(policies.Find(target).MailboxSecondsMax ?? limits.MailboxSecondsMax));
        if (!TryRead(publication.Payload))
        {
            if (!says)
                publication.LimitLifetime(PlainSeconds);
            return false;
        }

        long leftMs = LeftMs();
        if (leftMs != NoMoment)
            publication.LimitLifetimeMs(leftMs);
        bool saysEnd = says || leftMs != NoMoment;
        if (_envelope.TimeToLiveSeconds > 0)
            publication.LimitLifetimeMs(FromSending(_envelope.TimeToLiveSeconds, saysEnd ? 0 : publication.WaitedMs));
        else if (!saysEnd)
            publication.LimitLifetimeMs(FromSending(births.Find(target)?.TimeToLiveSeconds(_envelope.Command) ?? WireLimits.CommandTtlSeconds, publication.WaitedMs));
        return true;
    }

    // What may have waited before it came is taken for as old as that: a command that is not carried out can be sent again, one that is carried out too late cannot be taken back.
    private static long FromSending(long seconds, long waitedMs) => Math.Max(0, (Math.Min(seconds, uint.MaxValue) * 1000) - waitedMs);

    /// <summary>
    /// Whether the time of the command that was read last, which has waited, is over by the clock on the wall: when it was accepted the time may not have been known, or the gateway was off for a time
    /// that it has learned of since.
    /// </summary>
    /// <param name="message">Its message.</param>
    public bool IsOver(Message message) => IsOverBy(running.FoundMs, message) || LeftMs() == 0;

    /// <summary>Whether a P2P message that waited, or is to go once more, is a command of which that is so.</summary>
    public bool IsStale(Message message) => (IsOverBy(running.FoundMs, message) || message.Payload.AsSpan().IndexOf("\"exp\""u8) >= 0) && TryRead(message.Payload) && IsOver(message);

    // Of an earlier run, that is.
    private bool IsOverBy(long foundMs, Message message) =>
        foundMs > 0 && message.AcceptedUnixMs != 0 && message.ExpiresMs != long.MaxValue && message.IsExpired(wall.NowMs + foundMs);

    // Until its exp; -1 for a command without, and where nobody knows what time it is.
    private long LeftMs()
    {
        if (_envelope.ExpirySeconds == 0)
            return NoMoment;
        // Beyond that many seconds the milliseconds do not fit; it is no moment that comes.
        long expiresUnixMs = Math.Min(_envelope.ExpirySeconds, long.MaxValue / 1000) * 1000;
        if (expiresUnixMs < WallClock.EarliestUnixMs)
            return 0;
        return wall.BelievedUnixMs is { } nowUnixMs ? Math.Max(0, expiresUnixMs - nowUnixMs) : NoMoment;
    }

    private static bool MayBeObject(ReadOnlySpan<byte> payload) => payload.Length is > 0 and <= WireLimits.CommandBytesMax && payload.TrimStart(" \t\r\n"u8) is [(byte)'{', ..];
}
