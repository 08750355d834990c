using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Reads the values of an attribute; of their types only what is needed to find the texts among them.</summary>
internal sealed class AttributeValues : ICustomAttributeTypeProvider<string>
{
    private const string SystemType = "System.Type";

    /// <summary>All texts of an attribute, those in arrays too.</summary>
    internal static IEnumerable<string> TextsOf(CustomAttribute attribute)
    {
        CustomAttributeValue<string> values = attribute.DecodeValue(new AttributeValues());
        return values.FixedArguments.Select(static argument => argument.Value)
            .Concat(values.NamedArguments.Select(static argument => argument.Value))
            .SelectMany(TextsOf);
    }

    public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

    public string GetSystemType() => SystemType;

    public string GetSZArrayType(string elementType) => elementType + "[]";

    public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => MetadataNames.NameOf(reader, handle);

    public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => MetadataNames.NameOf(reader, handle);

    public string GetTypeFromSerializedName(string name) => name;

    // The enums of ours and of the frameworks that stand in attributes are of 32 bits.
    public PrimitiveTypeCode GetUnderlyingEnumType(string type) => PrimitiveTypeCode.Int32;

    public bool IsSystemType(string type) => type == SystemType;

    private static IEnumerable<string> TextsOf(object? value) => value switch
    {
        string text => [text],
        ImmutableArray<CustomAttributeTypedArgument<string>> items => items.SelectMany(static item => TextsOf(item.Value)),
        CustomAttributeTypedArgument<string> item => TextsOf(item.Value),
        _ => [],
    };
}
