namespace DeviceMqtt.Broker.Words;

/// <summary>
/// What the custody answers when something is to be kept: not needed, kept up to a position, no room, or failed. An
/// acknowledgement is written with one (<see cref="Output.ClientLink.SendAck"/>), so that nothing is promised without it.
/// <para>
/// It is never thrown away: a test reads the compiled code and fails where it is (tests/DeviceMqtt.Architecture.Tests). Who has
/// no acknowledgement to give joins it into the outcome of the packet at hand (<see cref="Turns.DurableGate.Join"/>), or says that
/// nobody was promised anything (<see cref="ForNobody"/>).
/// </para>
/// </summary>
internal readonly struct Kept : IEquatable<Kept>
{
    // A position of the journal is at least 1. One that never comes is that of a journal that has failed.
    private const long NoRoomValue = -1;
    private const long FailedValue = long.MaxValue;

    private readonly long _value;

    private Kept(long value) => _value = value;

    /// <summary>Nothing has to outlive the process: an acknowledgement waits for nothing.</summary>
    public static Kept NotNeeded => default;

    /// <summary>Even the reserve of the disk is gone, or there is no room for another message: it must not be acknowledged.</summary>
    public static Kept NoRoom => new(NoRoomValue);

    /// <summary>The journal has failed: an acknowledgement never leaves.</summary>
    public static Kept Failed => new(FailedValue);

    /// <summary>It must not be acknowledged now; there may be room later.</summary>
    public bool IsNoRoom => _value == NoRoomValue;

    /// <summary>The disk has failed: what waits for it is never acknowledged.</summary>
    public bool IsFailed => _value == FailedValue;

    /// <summary>The disk has it, or is about to; or it never comes (<see cref="IsFailed"/>).</summary>
    public bool IsOnDisk => _value > 0;

    /// <summary>Where an acknowledgement waits for the journal: 0 for nowhere, <see cref="long.MaxValue"/> for ever.</summary>
    /// <exception cref="InvalidOperationException">There was no room: a promise must not be made, and whoever asks is about to.</exception>
    public long Position => _value != NoRoomValue ? _value : throw new InvalidOperationException("what found no room is about to be acknowledged");

    /// <summary>Kept when the journal is durable up to this position; 0 when nothing has to be.</summary>
    public static Kept At(long position) => new(position);

    /// <summary>Both together: a failure before no room, no room before the later position.</summary>
    public Kept And(Kept other)
    {
        long later = Math.Max(_value, other._value);
        return (_value | other._value) >= 0 || later == FailedValue ? new Kept(later) : NoRoom;
    }

    /// <summary>Looked at, and left: no acknowledgement depends on it. Say why beside the call.</summary>
    public void ForNobody() => _ = _value;

    public bool Equals(Kept other) => _value == other._value;

    public override bool Equals(object? obj) => obj is Kept other && Equals(other);

    public override int GetHashCode() => _value.GetHashCode();
}
