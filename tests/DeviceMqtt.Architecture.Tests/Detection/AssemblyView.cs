using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>What the rules need to know of one compiled assembly.</summary>
internal sealed class AssemblyView
{
    public const string Ours = "DeviceMqtt.";

    private readonly SortedDictionary<Arrow, IReadOnlyCollection<string>> _arrows = new(
        Comparer<Arrow>.Create((a, b) => TypeFile.ByName.Compare(a.From, b.From) is var from && from != 0 ? from : TypeFile.ByName.Compare(a.To, b.To)));

    public AssemblyView(string name, IReadOnlyDictionary<TypeFile, string> folders, IEnumerable<(Arrow Arrow, IReadOnlyCollection<string> Members)> arrows)
    {
        Name = name;
        Folders = folders;
        foreach ((Arrow arrow, IReadOnlyCollection<string> members) in arrows)
        {
            if (folders.ContainsKey(arrow.From) && folders.ContainsKey(arrow.To))
            {
                _arrows[arrow] = members;
            }
        }

        Circles = Circle.Find(folders.Keys.Order(TypeFile.ByName), _arrows.Keys.Select(arrow => (arrow.From, arrow.To)));
    }

    public string Name { get; }

    /// <summary>The folder of each file.</summary>
    public IReadOnlyDictionary<TypeFile, string> Folders { get; }

    public IReadOnlyCollection<Arrow> Arrows => _arrows.Keys;

    /// <summary>Files of which each reaches each other, largest circle first.</summary>
    public IReadOnlyList<IReadOnlyList<TypeFile>> Circles { get; }

    /// <summary>Files that are written by hand and were not found below the project.</summary>
    public IReadOnlyCollection<TypeFile> Lost { get; private init; } = [];

    /// <summary>The assemblies of ours that this one uses.</summary>
    public IReadOnlyCollection<string> References { get; init; } = [];

    /// <summary>The arrows between two different folders.</summary>
    public ILookup<(string From, string To), Arrow> FolderArrows =>
        Arrows.Where(arrow => Folders[arrow.From] != Folders[arrow.To]).ToLookup(arrow => (Folders[arrow.From], Folders[arrow.To]));

    public static AssemblyView Read(string dll, IReadOnlyCollection<string> sources)
    {
        string name = Path.GetFileNameWithoutExtension(dll);
        using PEReader assembly = new(File.OpenRead(dll));
        MetadataReader metadata = assembly.GetMetadataReader();
        ILookup<TypeFile, string> documents = Documents(assembly, metadata, dll);
        ProjectFolders places = new(name, sources);
        Dictionary<TypeFile, string> folders = [];
        List<TypeFile> lost = [];
        var arrows = ArrowReader.Read(assembly);
        foreach (TypeFile file in arrows.Keys)
        {
            if (places.Find(file, documents[file]) is { } folder)
            {
                folders.Add(file, folder);
            }
            else if (!ProjectFolders.IsGenerated(file, documents[file]))
            {
                lost.Add(file);
            }
        }

        return new AssemblyView(name, folders, arrows.SelectMany(from => from.Value.Select(to => (new Arrow(from.Key, to.Key), (IReadOnlyCollection<string>)to.Value))))
        {
            Lost = lost,
            References = [.. metadata.AssemblyReferences
                .Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))
                .Where(reference => reference.StartsWith(Ours, StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>An arrow for a message: who names whom, and in which members.</summary>
    public string Describe(Arrow arrow)
    {
        const int MembersMax = 3;
        IReadOnlyCollection<string> members = _arrows[arrow];
        string more = members.Count > MembersMax ? ", ..." : "";
        return $"{arrow.From} -> {arrow.To} ({string.Join(", ", members.Take(MembersMax))}{more})";
    }

    private static ILookup<TypeFile, string> Documents(PEReader assembly, MetadataReader metadata, string dll)
    {
        if (!assembly.TryOpenAssociatedPortablePdb(dll, path => File.Exists(path) ? File.OpenRead(path) : null, out MetadataReaderProvider? pdb, out _))
        {
            return Enumerable.Empty<string>().ToLookup(_ => default(TypeFile));
        }

        using (pdb)
        {
            return SourceDocuments.Read(metadata, pdb!.GetMetadataReader());
        }
    }
}
