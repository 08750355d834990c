namespace DeviceMqtt.Architecture.Tests.Document;

/// <summary>What a folder may name of the other folders of its assembly.</summary>
/// <param name="Place">Where it is written.</param>
/// <param name="Assembly">The assembly's full name.</param>
/// <param name="Folder">The folder.</param>
/// <param name="MayName">Other folders of the assembly.</param>
internal sealed record FolderRow(TableRow Place, string Assembly, string Folder, IReadOnlyList<string> MayName);
