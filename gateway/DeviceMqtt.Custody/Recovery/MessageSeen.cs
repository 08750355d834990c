namespace DeviceMqtt.Custody.Recovery;

/// <summary>
/// Told of the messages that a journal still has, while it is read at the start: those that are delivered as well, as long as their place is not
/// used again. One may come twice. Called for each; must not wait.
/// </summary>
/// <param name="topic">Topic Name, as UTF-8.</param>
/// <param name="payload">Its payload.</param>
/// <param name="acceptedUnixMs">What the clock on the wall showed when it was accepted, in milliseconds since 1970.</param>
internal delegate void MessageSeen(ReadOnlySpan<byte> topic, ReadOnlySpan<byte> payload, long acceptedUnixMs);
