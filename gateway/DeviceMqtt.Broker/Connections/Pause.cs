namespace DeviceMqtt.Broker.Connections;

/// <summary>What has to happen before a connection is read again.</summary>
/// <param name="StepsBack">It has had its share of turns, or others have theirs before it goes on.</param>
/// <param name="HeldBack">By the disk, or by subscribers to its messages whose queues fill up; for a moment at most.</param>
/// <param name="Room">For the answers to what it sends; or its CONNECT is held.</param>
/// <param name="HasMore">Packets that are here already were left for another turn.</param>
/// <param name="IsForDisk">The first of them waits for it.</param>
internal readonly record struct Pause(bool StepsBack, Task HeldBack, Task Room, bool HasMore = false, bool IsForDisk = false)
{
    public static readonly Pause None = new(false, Task.CompletedTask, Task.CompletedTask);

    /// <summary>Milliseconds for which its owner has had more than its share of the time; 0 for none. Then <see cref="HeldBack"/> is the end of the connection.</summary>
    public int OwedMs { get; init; }

    /// <summary>Milliseconds for which subscribers hold it back at most; 0 where they do not.</summary>
    public int HeldMs { get; init; }

    /// <summary>What of it was not taken is looked at again as it is.</summary>
    public bool IsInPlace { get; init; }

    public bool IsNone => !StepsBack && HeldBack.IsCompleted && Room.IsCompleted;
}
