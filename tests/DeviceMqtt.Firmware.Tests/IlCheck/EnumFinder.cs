using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Tells enums from other types: in this assembly, in our other assemblies beside it, and in the lists.</summary>
internal sealed class EnumFinder
{
    private readonly MetadataReader _reader;
    private readonly NanoApi _api;
    private readonly HashSet<string> _own = new(StringComparer.Ordinal);

    internal EnumFinder(MetadataReader reader, NanoApi api, string assemblyPath, IEnumerable<string> ownAssemblies)
    {
        _reader = reader;
        _api = api;
        AddEnums(reader);
        foreach (string own in ownAssemblies)
        {
            string path = Path.Combine(Path.GetDirectoryName(assemblyPath)!, own + ".dll");
            if (path != assemblyPath && File.Exists(path))
            {
                using PEReader pe = new(File.OpenRead(path));
                AddEnums(pe.GetMetadataReader());
            }
        }
    }

    internal bool IsEnum(EntityHandle type) => type.Kind switch
    {
        HandleKind.TypeDefinition => _own.Contains(MetadataNames.NameOf(_reader, (TypeDefinitionHandle)type)),
        HandleKind.TypeReference => IsEnum(MetadataNames.NameOf(_reader, (TypeReferenceHandle)type)),
        _ => false,
    };

    private bool IsEnum(string name) => _own.Contains(name) || _api.IsEnum(name);

    private void AddEnums(MetadataReader reader)
    {
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            EntityHandle parent = reader.GetTypeDefinition(handle).BaseType;
            if (parent.Kind == HandleKind.TypeReference && MetadataNames.NameOf(reader, (TypeReferenceHandle)parent) == "System.Enum")
            {
                _own.Add(MetadataNames.NameOf(reader, handle));
            }
        }
    }
}
