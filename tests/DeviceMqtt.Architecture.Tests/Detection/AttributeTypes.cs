using System.Reflection.Metadata;
using System.Text.RegularExpressions;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>
/// Reports every type of this assembly that the arguments of an attribute name: a typeof stands there as a text,
/// <c>Namespace.Outer+Inner`1[[Argument, Assembly]], Assembly</c>.
/// </summary>
internal sealed partial class AttributeTypes(MetadataReader metadata, Action<TypeDefinitionHandle> named) : ICustomAttributeTypeProvider<string>
{
    private readonly Dictionary<string, TypeDefinitionHandle> _own = metadata.TypeDefinitions
        .Where(handle => metadata.GetTypeDefinition(handle).GetDeclaringType().IsNil)
        .ToDictionary(handle => NameOf(metadata, handle), StringComparer.Ordinal);

    public string GetTypeFromSerializedName(string name)
    {
        foreach (Match part in OutermostName().Matches(name))
        {
            if (_own.TryGetValue(part.Value, out TypeDefinitionHandle handle))
            {
                named(handle);
            }
        }

        return name.Split(',')[0];
    }

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        named(handle);
        return NameOf(reader, handle);
    }

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        TypeReference type = reader.GetTypeReference(handle);
        return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
    }

    public string GetSZArrayType(string elementType) => $"{elementType}[]";

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => $"System.{typeCode}";

    public string GetSystemType() => "System.Type";

    public bool IsSystemType(string type) => type == "System.Type";

    // An enum of another assembly cannot be looked up here: nearly all of them are int, and a wrong guess ends in an exception.
    public PrimitiveTypeCode GetUnderlyingEnumType(string type) =>
        metadata.TypeDefinitions.FirstOrDefault(handle => NameOf(metadata, handle) == type) is { IsNil: false } found
            ? UnderlyingType(metadata.GetTypeDefinition(found))
            : PrimitiveTypeCode.Int32;

    private PrimitiveTypeCode UnderlyingType(TypeDefinition type)
    {
        const string ValueField = "value__";
        BlobReader signature = type.GetFields()
            .Select(metadata.GetFieldDefinition)
            .Where(field => metadata.GetString(field.Name) == ValueField)
            .Select(field => metadata.GetBlobReader(field.Signature))
            .Single();
        signature.ReadSignatureHeader();
        return (PrimitiveTypeCode)signature.ReadSignatureTypeCode();
    }

    private static string NameOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        string name = reader.GetString(type.Name);
        return !type.GetDeclaringType().IsNil ? $"{NameOf(reader, type.GetDeclaringType())}+{name}"
            : type.Namespace.IsNil ? name
            : $"{reader.GetString(type.Namespace)}.{name}";
    }

    // Also matches names of nested types and assemblies; those are no outermost types, so they are not found.
    [GeneratedRegex(@"[^\s,+\[\]&*]+")]
    private static partial Regex OutermostName();
}
