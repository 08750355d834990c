using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Simulation.World;

/// <summary>A gateway that has upstreams.</summary>
/// <param name="Name">In the story.</param>
/// <param name="Upstreams">Its settings.</param>
/// <param name="Network">Where they are.</param>
internal sealed record RelaySetup(string Name, IReadOnlyList<RelayOptions> Upstreams, SimNetwork Network);
