using System.Runtime.InteropServices;
using DeviceMqtt.Custody.Clocks;

namespace DeviceMqtt.Custody.Records;

/// <summary>How long the gateway has been running, and what the clocks of the machine showed then. It stands before all that has such a time.</summary>
/// <param name="RunningMs">Milliseconds over all restarts (<see cref="Broker.Turns.RunningClock"/>).</param>
/// <param name="MonotonicMs">The machine's monotonic clock, in milliseconds.</param>
/// <param name="BootId">Which start of the machine that counts from; empty where nobody knows.</param>
/// <param name="UnixMs">Wall time in milliseconds since 1970, as reckoned from the last moment at which somebody vouched for it.</param>
/// <param name="Vouchers">Who did; if nobody in this run of the gateway, the wall time is not to be believed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ClockRecord(long RunningMs, long MonotonicMs, string BootId, long UnixMs, ClockVouchers Vouchers)
{
    /// <summary>Running time in milliseconds since which no time is missing in it; 0 where none ever was, or in records of versions before.</summary>
    public long GaplessSinceMs { get; init; }

    public void Write(RecordWriter record)
    {
        record.Start(RecordKind.Clock).Add(RunningMs).Add(MonotonicMs).Add(BootId).Add(UnixMs).Add((byte)Vouchers);
        if (GaplessSinceMs > 0)
            record.Add(GaplessSinceMs);
    }

    public static ClockRecord Read(ref RecordReader record) =>
        new(record.ReadNumber(), record.ReadNumber(), record.ReadText(), record.ReadNumber(), (ClockVouchers)record.ReadByte()) { GaplessSinceMs = record.IsAtEnd ? 0 : record.ReadNumber() };

    public string ToText() =>
        $"clock: {RunningMs / 1000} s of running, {DateTimeOffset.FromUnixTimeMilliseconds(UnixMs):u} by the wall{(Vouchers == ClockVouchers.None ? ", not to be believed" : "")}";
}
