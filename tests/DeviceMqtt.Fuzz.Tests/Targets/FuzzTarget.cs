namespace DeviceMqtt.Fuzz.Tests.Targets;

/// <summary>Something that reads bytes of strangers.</summary>
/// <param name="Name">What it is called on the command line.</param>
/// <param name="Seeds">Sound input to begin with.</param>
/// <param name="Read">Reads; throws when it breaks its contract, and for nothing that the input says.</param>
internal sealed record FuzzTarget(string Name, IReadOnlyList<byte[]> Seeds, Action<byte[]> Read)
{
    public override string ToString() => Name;
}
