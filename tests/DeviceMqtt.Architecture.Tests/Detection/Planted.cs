using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;
using Microsoft.CodeAnalysis.Text;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>Small sources, compiled in memory, to show what the detector sees.</summary>
internal static class Planted
{
    private static readonly MetadataReference[] Framework =
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is "System.Runtime.dll" or "System.Private.CoreLib.dll" or "System.Linq.dll" or "System.Collections.dll")
            .Select(path => MetadataReference.CreateFromFile(path))];

    /// <summary>What each file names, as "From -> To".</summary>
    /// <param name="source">C#, with the usings of an ordinary project.</param>
    /// <param name="optimization">As a debug or a release build.</param>
    public static IReadOnlyList<string> Arrows(string source, OptimizationLevel optimization = OptimizationLevel.Release)
    {
        using PEReader assembly = new(Compile(optimization, ("Planted.cs", source)).Assembly);
        return [.. ArrowReader.Read(assembly).SelectMany(from => from.Value.Keys.Select(to => $"{from.Key} -> {to}"))];
    }

    /// <summary>Where an outcome is thrown away.</summary>
    /// <param name="source">C#.</param>
    /// <param name="outcome">The name of its type, with its namespace.</param>
    /// <param name="optimization">As a debug or a release build.</param>
    /// <param name="calls">How many calls return one.</param>
    public static IReadOnlyList<string> IgnoredOutcomes(string source, string outcome, OptimizationLevel optimization, out int calls)
    {
        using PEReader assembly = new(Compile(optimization, ("Planted.cs", source)).Assembly);
        return Detection.IgnoredOutcomes.Find(assembly, outcome, out calls);
    }

    /// <summary>The members in which one file names another.</summary>
    public static IReadOnlyCollection<string> Members(string source, string from, string to)
    {
        using PEReader assembly = new(Compile(OptimizationLevel.Release, ("Planted.cs", source)).Assembly);
        return ArrowReader.Read(assembly)[new TypeFile("", from)][new TypeFile("", to)];
    }

    /// <summary>The documents that the PDB has for each file.</summary>
    public static ILookup<TypeFile, string> Documents(params (string Path, string Source)[] sources)
    {
        (MemoryStream dll, MemoryStream pdb) = Compile(OptimizationLevel.Debug, sources);
        using PEReader assembly = new(dll);
        using MetadataReaderProvider provider = MetadataReaderProvider.FromPortablePdbStream(pdb);
        return SourceDocuments.Read(assembly.GetMetadataReader(), provider.GetMetadataReader());
    }

    private static (MemoryStream Assembly, MemoryStream Pdb) Compile(OptimizationLevel optimization, params (string Path, string Source)[] sources)
    {
        const string Usings = "global using System; global using System.Collections.Generic; global using System.Linq; global using System.Threading.Tasks;";
        CSharpCompilation compilation = CSharpCompilation.Create(
            "Planted",
            sources.Append(("Usings.cs", Usings)).Select(source =>
                CSharpSyntaxTree.ParseText(SourceText.From(source.Item2, System.Text.Encoding.UTF8), path: source.Item1)),
            Framework,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, optimizationLevel: optimization, allowUnsafe: true));
        MemoryStream assembly = new();
        MemoryStream pdb = new();
        EmitResult result = compilation.Emit(assembly, pdb, options: new EmitOptions(debugInformationFormat: DebugInformationFormat.PortablePdb));
        Assert.IsTrue(result.Success, string.Join(Environment.NewLine, result.Diagnostics));
        assembly.Position = 0;
        pdb.Position = 0;
        return (assembly, pdb);
    }
}
