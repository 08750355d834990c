using DeviceMqtt.Custody.Records;

namespace DeviceMqtt.Custody.Recovery;

/// <content>That all of it is the state of a backup, and what has been settled of that since.</content>
internal sealed partial class RecoveredState
{
    // Those that have begun anew since, and where.
    private readonly Dictionary<string, string> _upstreamsAnew = new(StringComparer.Ordinal);

    /// <summary>The name of the last restore that this journal knows of; null when there was none.</summary>
    public string? Restore { get; private set; }

    /// <summary>An upstream may have Packet Identifiers in use that stand for messages of which nothing is known here: of after the backup, of another folder, or it is another upstream of that name.</summary>
    public bool HasOldIdentifiers(string upstream, string where) => !_upstreamsAnew.TryGetValue(upstream, out string? known) || (known != where && known.Length > 0);

    /// <summary>
    /// All that is known is the state of a backup. Clients and upstreams have gone on since, so nothing is known of the Packet Identifiers that they have in use: what was in flight to a client waits
    /// again, what came from one or from an upstream is no repetition of anything. What goes to an upstream keeps its place until the upstream is there.
    /// </summary>
    public void Restored(string restore)
    {
        if (restore == Restore)
            return;
        Restore = restore;
        _upstreamsAnew.Clear();
        Inbound.Clear();
        foreach (RecoveredSession session in Sessions.Values)
            session.HasOldIdentifiers = true;
        _entries.Restored();
    }

    private void ApplyOfNoEntry(ushort packetId, ref RecordReader record)
    {
        byte what = record.ReadByte();
        string text = record.ReadText();
        if (packetId != 0)
            _ = what == GivenUpRecord.Open ? Of(GivenUp, text).Add(packetId) : Of(GivenUp, text).Remove(packetId);
        else if (what == RestoredRecord.Restored)
            Restored(text);
        else if (InboundOwner.TryGetUpstream(text, out string upstream))
            _upstreamsAnew[RestoredRecord.Split(upstream).Name] = RestoredRecord.Split(upstream).Where;
        else if (Sessions.TryGetValue(text, out RecoveredSession? session))
            session.HasOldIdentifiers = what == RestoredRecord.HasOldIdentifiers;
    }
}
