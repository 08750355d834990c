using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>Reports every type of this assembly that a signature names; the signature itself is of no interest.</summary>
internal sealed class SignatureTypes(Action<TypeDefinitionHandle> named) : ISignatureTypeProvider<SignatureTypes.Nothing, object?>
{
    public Nothing GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
    {
        named(handle);
        return default;
    }

    public Nothing GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    // The types inside of these were decoded, and so reported, before the call.
    public Nothing GetArrayType(Nothing elementType, ArrayShape shape) => default;

    public Nothing GetByReferenceType(Nothing elementType) => default;

    public Nothing GetFunctionPointerType(MethodSignature<Nothing> signature) => default;

    public Nothing GetGenericInstantiation(Nothing genericType, ImmutableArray<Nothing> typeArguments) => default;

    public Nothing GetModifiedType(Nothing modifier, Nothing unmodifiedType, bool isRequired) => default;

    public Nothing GetPinnedType(Nothing elementType) => default;

    public Nothing GetPointerType(Nothing elementType) => default;

    public Nothing GetSZArrayType(Nothing elementType) => default;

    // These name nothing of this assembly.
    public Nothing GetGenericMethodParameter(object? genericContext, int index) => default;

    public Nothing GetGenericTypeParameter(object? genericContext, int index) => default;

    public Nothing GetPrimitiveType(PrimitiveTypeCode typeCode) => default;

    public Nothing GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => default;

    internal readonly record struct Nothing;
}
