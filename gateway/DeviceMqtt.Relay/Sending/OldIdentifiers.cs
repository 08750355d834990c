using DeviceMqtt.Broker.Output;
using DeviceMqtt.Protocol;
using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Sending;

/// <summary>
/// The QoS 2 Packet Identifiers that an upstream with a Session may have open after this gateway was restored from a backup, for messages that nobody here knows of. Each is released: a receiver
/// answers PUBREL with PUBCOMP whether it has the identifier open or not, and has it open no more (3.1.1 [MQTT-4.3.3-2], 5.0 [MQTT-4.3.3-11]).
/// <list type="bullet">
/// <item>Until all were answered nothing goes at QoS 2, so that no identifier of now is among them. Then QoS 2 is exactly once again.</item>
/// <item>A message that the upstream had taken and not published yet is published by that: the gateway of before had handed it over.</item>
/// <item>What was answered stays so over connections to the same address: nobody else sends under this Client Identifier.</item>
/// <item>An upstream that closes the connection three times before it has answered any is not asked again before the gateway starts anew.</item>
/// </list>
/// Owned by the turn.
/// </summary>
/// <param name="count">Released are 1 to this.</param>
internal sealed class OldIdentifiers(ushort count)
{
    // Chosen: so many are on their way at once. All of them take 256 KB each way, and a second where the answer takes a millisecond, a minute where it takes 60 ms.
    internal const int AtOnceMax = 64;

    // Chosen: a link that breaks for another reason does so less often within one answer.
    private const int RefusalsMax = 3;

    private readonly HashSet<ushort> _asked = [];
    private string? _address;
    private ProtocolVersion _version;
    private int _next = 1;
    private int _refusals;
    private bool _hasAnswered;

    /// <summary>They are being released on this connection.</summary>
    public bool IsOn { get; private set; }

    private int AllAnswered => count + 1;

    /// <summary>A connection begins on which the upstream may have some.</summary>
    public void Begin(ConnectionOutput output, UplinkTerms terms)
    {
        if (_address != $"{terms.Address}")
            (_address, _next, _refusals) = ($"{terms.Address}", 1, 0);
        if (_refusals >= RefusalsMax)
            return;
        (IsOn, _hasAnswered, _version) = (true, false, terms.Version);
        Ask(output);
    }

    /// <summary>PUBCOMP.</summary>
    /// <param name="packetId">What it is for.</param>
    /// <param name="output">Of the connection.</param>
    /// <returns>False when it is no answer to any of these.</returns>
    public bool TryReceive(ushort packetId, ConnectionOutput output)
    {
        if (!IsOn || !_asked.Remove(packetId))
            return false;
        (_hasAnswered, _refusals) = (true, 0);
        Ask(output);
        return true;
    }

    /// <summary>All were answered: none is open there.</summary>
    public bool IsDone => IsOn && _asked.Count == 0 && _next == AllAnswered;

    /// <summary>The upstream has none any more, or begins anew.</summary>
    public void Forget()
    {
        IsOn = false;
        _asked.Clear();
        (_address, _next, _refusals) = (null, 1, 0);
    }

    /// <summary>The connection is gone: what was not answered is asked again.</summary>
    public void End(UplinkEndReason reason)
    {
        if (IsOn && !_hasAnswered && reason == UplinkEndReason.ConnectionLost)
            _refusals++;
        IsOn = false;
        foreach (ushort packetId in _asked)
            _next = Math.Min(_next, packetId);
        _asked.Clear();
    }

    private void Ask(ConnectionOutput output)
    {
        for (; _asked.Count < AtOnceMax && _next < AllAnswered; _next++)
        {
            _ = _asked.Add((ushort)_next);
            AckPacket.Write(output, PacketType.PubRel, _version, (ushort)_next);
        }
    }
}
