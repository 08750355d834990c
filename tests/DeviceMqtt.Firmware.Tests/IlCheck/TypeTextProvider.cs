using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Turns the types of signatures into <see cref="TypeText"/>.</summary>
internal sealed class TypeTextProvider(IReadOnlySet<string> ownAssemblies) : ISignatureTypeProvider<TypeText, object?>
{
    public TypeText GetArrayType(TypeText elementType, ArrayShape shape) =>
        elementType.With("[" + new string(',', shape.Rank - 1) + "]") with { IsMultidimensional = true };

    public TypeText GetSZArrayType(TypeText elementType) => elementType.With("[]");

    public TypeText GetByReferenceType(TypeText elementType) => elementType.With("@");

    public TypeText GetPointerType(TypeText elementType) => elementType.With("*");

    public TypeText GetPinnedType(TypeText elementType) => elementType;

    public TypeText GetFunctionPointerType(MethodSignature<TypeText> signature) => new("method*") { Externals = ["method*"] };

    public TypeText GetGenericInstantiation(TypeText genericType, ImmutableArray<TypeText> typeArguments) =>
        typeArguments.Aggregate(genericType.With("{" + string.Join(',', typeArguments.Select(t => t.Id)) + "}"), (all, one) => all.Including(one)) with { IsGeneric = true };

    public TypeText GetGenericMethodParameter(object? genericContext, int index) => new($"``{index}") { IsGeneric = true };

    public TypeText GetGenericTypeParameter(object? genericContext, int index) => new($"`{index}") { IsGeneric = true };

    // A modifier like IsVolatile or IsExternalInit is a type that must exist too.
    public TypeText GetModifiedType(TypeText modifier, TypeText unmodifiedType, bool isRequired) => unmodifiedType.Including(modifier);

    public TypeText GetPrimitiveType(PrimitiveTypeCode typeCode) => new("System." + typeCode);

    public TypeText GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => new(MetadataNames.NameOf(reader, handle));

    public TypeText GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
    {
        string name = MetadataNames.NameOf(reader, handle);
        return ownAssemblies.Contains(MetadataNames.AssemblyOf(reader, handle)) ? new TypeText(name) : new TypeText(name) { Externals = [name] };
    }

    public TypeText GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
}
