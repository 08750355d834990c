using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Custody.Records;

/// <summary>
/// What became, over all restarts, of all messages that waited in memory alone. Each replaces the one before. A start knows by the last how many of them
/// still waited when the gateway ended.
/// </summary>
/// <param name="Accepted">How many there were.</param>
/// <param name="Outcomes">For each outcome how many of them had it.</param>
internal readonly record struct VolatileRecord(long Accepted, IReadOnlyList<(Outcome Outcome, long Count)> Outcomes)
{
    public void Write(RecordWriter record)
    {
        record.Start(RecordKind.Volatile).Add(Accepted).Add((long)Outcomes.Count);
        foreach ((Outcome outcome, long count) in Outcomes)
            record.Add(outcome.Value).Add(count);
    }

    public static VolatileRecord Read(ref RecordReader record)
    {
        long accepted = record.ReadNumber();
        List<(Outcome, long)> outcomes = [];
        for (long left = record.ReadNumber(); left > 0; left--) // a record that is cut ends it
            outcomes.Add((new Outcome(record.ReadByte()), record.ReadNumber()));
        return new VolatileRecord(accepted, outcomes);
    }

    public string ToText() => $"in memory alone: {Accepted} messages, of which {Accepted - Outcomes.Sum(static o => o.Count)} wait";
}
