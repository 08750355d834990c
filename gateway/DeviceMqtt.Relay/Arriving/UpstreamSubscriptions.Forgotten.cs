using DeviceMqtt.Protocol;

namespace DeviceMqtt.Relay.Arriving;

/// <content>What is not wanted any more.</content>
internal sealed partial class UpstreamSubscriptions
{
    private readonly HashSet<string> _forgotten = [];
    private readonly Dictionary<ushort, string[]> _askedToForget = [];
    private readonly RefusedFilters _refusedToForget = new();

    /// <summary>UNSUBACK.</summary>
    /// <returns>What is wrong with it; null when nothing is.</returns>
    public string? ReceiveUnsubAck(in Frame frame)
    {
        if (!UnsubAckPacket.TryDecode(frame, _version, out UnsubAckPacket? packet, out MalformedReason reason))
            return reason.ToText();
        if (_askedToForget.Remove(packet.PacketId, out string[]? filters))
            for (int i = 0; i < filters.Length; i++)
                ForgottenThere(filters[i], isDone: i >= packet.ReasonCodes.Count || packet.ReasonCodes[i] < ReasonCode.UnspecifiedError); // 3.1.1 has no codes
        return Answered(packet.PacketId) ? null : $"for Packet Identifier {packet.PacketId}, which is of no UNSUBSCRIBE";
    }

    // Unless it is wanted again by now.
    private void ForgottenThere(string filter, bool isDone)
    {
        if (!isDone && !_all.ContainsKey(filter) && (_refusedToForget.Has(filter) || _refusedToForget.Count < forgottenMax))
            _refusedToForget.Add(filter, turn.NowMs);
        else
            _ = _refusedToForget.Remove(filter);
    }

    private void Forget(string filter)
    {
        _ = _came.Remove(filter);
        if (!_all.Remove(filter) || (_output is null && _forgotten.Count >= forgottenMax))
            return;
        _ = _refused.Remove(filter);
        // Those of a gateway below go together, in as few packets as can be.
        if (_forgotten.Count == 0)
            turn.FollowUp(Unsubscribe);
        _ = _forgotten.Add(filter);
    }

    private void NotForgotten(string filter)
    {
        _ = _forgotten.Remove(filter);
        _ = _refusedToForget.Remove(filter);
    }

    // Nobody knows whether they got there, or they were refused: they are on the next connection.
    private void DetachForgotten()
    {
        foreach (string filter in _askedToForget.Values.SelectMany(static f => f).Concat(_refusedToForget.All))
            if (!_all.ContainsKey(filter) && _forgotten.Count < forgottenMax)
                _ = _forgotten.Add(filter);
        _askedToForget.Clear();
        _refusedToForget.Clear();
    }

    private void Unsubscribe()
    {
        while (_output is not null && _forgotten.Count > 0 && TryTakePacketId(out ushort packetId))
        {
            int bytes = OverheadBytes;
            string[] filters = [.. _forgotten.Take(profile.FiltersPerPacketMax).TakeWhile(f => (bytes += BytesOf(f)) <= _packetBytesMax || bytes == OverheadBytes + BytesOf(f))];
            _forgotten.ExceptWith(filters);
            _askedToForget.Add(packetId, filters);
            new UnsubscribePacket { PacketId = packetId, Filters = [.. filters.Select(Parse)] }.Write(_output, _version);
        }
    }
}
