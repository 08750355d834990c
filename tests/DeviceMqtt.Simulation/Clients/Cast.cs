using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Clients;

/// <summary>The twenty-five clients of every run.</summary>
internal static class Cast
{
    public const int Topics = 6;

    /// <summary>Topics that need not be durable.</summary>
    public const int VolatileCount = 3;

    public static ClientKind[] Kinds { get; } =
    [
        .. Enumerable.Range(0, 9).Select(i => new ClientKind($"c{i}", Version(i), IsDurable: true, [$"t/{i % Topics}", $"t/{(i + 1) % Topics}", $"{VolatileTopics.Root}{i % VolatileCount}"], i % 3 == 2 ? QoS.AtLeastOnce : QoS.ExactlyOnce)),
        .. Enumerable.Range(0, 2).Select(i => new ClientKind($"share{i}", ProtocolVersion.V5, IsDurable: true, ["s/#"]) { Group = "g" }),
        .. Enumerable.Range(0, 3).Select(i => new ClientKind($"dev-{i}", Version(i), IsDurable: i < 2, []) { IsDevice = true }),
        .. Enumerable.Range(0, 6).Select(i => new ClientKind($"clean{i}", Version(i), IsDurable: false, i % 2 == 0 ? [] : [$"t/{i % Topics}"], QoS.AtLeastOnce)),
        .. Enumerable.Range(0, 3).Select(i => new ClientKind($"keep{i}", i == 0 ? ProtocolVersion.V311 : ProtocolVersion.V5, IsDurable: true, []) { IsKeeper = true }),
        .. Enumerable.Range(0, 2).Select(i => new ClientKind($"wander{i}", i == 0 ? ProtocolVersion.V5 : ProtocolVersion.V311, IsDurable: true, [], i == 0 ? QoS.ExactlyOnce : QoS.AtLeastOnce) { WandersTo = $"t/{i}" }),
    ];

    private static ProtocolVersion Version(int i) => (ProtocolVersion)(3 + (i % 3));
}
