using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Broker.Connections;

/// <summary>
/// Whether a command says the truth about who sends it: a device answers to <c>from</c>, and knows a command again by it. A gateway below
/// is not asked, for it speaks for others and has asked itself. An operator may have the answers come to another of its own connections, as whoever has
/// one program for publishing and one for listening. Owned by the turn.
/// </summary>
/// <param name="find">The Session of a Client Identifier; null when there is none.</param>
internal sealed class CommandSenders(Func<string, Session?> find)
{
    // Chosen: 64 times what a device takes as a command, read in some 100 microseconds. What is longer is no command for anybody.
    private const int PayloadBytesMax = 64 * 1024;
    private readonly CommandEnvelope _envelope = new();
    private byte[] _scratch = new byte[WireLimits.CommandBytesMax];

    /// <summary>Whom a command claims to be from, if that is not its sender.</summary>
    /// <returns>A Client Identifier; null when the payload is no command, says nothing, or the truth.</returns>
    public string? FindForged(Session sender, ReadOnlySpan<byte> payload)
    {
        if (sender.Role == ClientRole.Bridge || payload.IsEmpty || payload.Length > PayloadBytesMax)
            return null;
        if (_scratch.Length < payload.Length)
            _scratch = new byte[PayloadBytesMax];
        payload.CopyTo(_scratch);
        // A command that has another fault is read all the same: the device answers that fault to whom it says it is from.
        _ = _envelope.TryRead(_scratch, 0, payload.Length);
        bool isForged = _envelope.IsCommand && _envelope.From.Length > 0 && _envelope.From != sender.ClientId && !IsTheSameOperator(sender, _envelope.From);
        return isForged ? _envelope.From : null;
    }

    private bool IsTheSameOperator(Session sender, string from) =>
        sender.Role == ClientRole.Operator && find(from) is { Role: ClientRole.Operator } other && other.UserName == sender.UserName;
}
