using DeviceMqtt.Protocol;

namespace DeviceMqtt.Simulation.TakeOvers;

/// <summary>One take-over: what the old connection had sent, all of which had arrived before the new CONNECT.</summary>
/// <param name="Connection">The number of the old one.</param>
/// <param name="BeganMs">When it was sent.</param>
/// <param name="Sent">Messages, by their first words.</param>
/// <param name="HasWill">The old connection does not end with a DISCONNECT that drops its Will.</param>
internal sealed record Race(int Connection, long BeganMs, IReadOnlyList<(string Id, QoS QoS)> Sent, bool HasWill);
