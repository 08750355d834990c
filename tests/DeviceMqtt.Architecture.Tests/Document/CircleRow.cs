namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>A few files that name each other, and why they may.</summary>
/// <param name="Place">Where it is written.</param>
/// <param name="Assembly">The assembly's full name.</param>
/// <param name="Files">The names of their types, in order.</param>
internal sealed record CircleRow(TableRow Place, string Assembly, IReadOnlyList<string> Files);
