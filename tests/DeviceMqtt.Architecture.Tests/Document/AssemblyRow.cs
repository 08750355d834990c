namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>What an assembly may name of ours.</summary>
/// <param name="Place">Where it is written.</param>
/// <param name="Assembly">Its full name.</param>
/// <param name="MayName">Full names of other assemblies.</param>
internal sealed record AssemblyRow(TableRow Place, string Assembly, IReadOnlyList<string> MayName);
