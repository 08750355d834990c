using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using DeviceMqtt.Firmware.Tests.IlCheck;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>
/// Reads from a compiled assembly where an outcome is thrown away: a call of a method that returns it, and nothing that takes it from the
/// stack but <c>pop</c>. A discard (<c>_ = Keep();</c>) and a call as a statement of its own are that; in a debug build as well.
/// </summary>
/// <remarks>
/// Not seen: an outcome that goes into a local variable or an out parameter that nobody reads. The compiler warns of most of those, and
/// warnings are errors.
/// </remarks>
internal static class IgnoredOutcomes
{
    /// <summary>The members that throw one away, as "type.member: called method".</summary>
    /// <param name="assembly">The compiled code.</param>
    /// <param name="outcome">The name of the type of the outcome, with its namespace.</param>
    /// <param name="calls">How many calls return one, ignored or not.</param>
    public static IReadOnlyList<string> Find(PEReader assembly, string outcome, out int calls)
    {
        calls = 0;
        List<string> ignored = [];
        MetadataReader metadata = assembly.GetMetadataReader();
        foreach (MethodDefinition method in metadata.MethodDefinitions.Select(metadata.GetMethodDefinition).Where(method => method.RelativeVirtualAddress != 0))
        {
            List<Instruction> body = InstructionReader.Read(assembly.GetMethodBody(method.RelativeVirtualAddress).GetILReader());
            for (int i = 0; i < body.Count; i++)
            {
                if (body[i].Token == 0 || (body[i].Code != OpCodes.Call && body[i].Code != OpCodes.Callvirt) || !Returns(metadata, body[i].Token, outcome, out string called))
                {
                    continue;
                }

                calls++;
                if (i + 1 < body.Count && body[i + 1].Code == OpCodes.Pop)
                {
                    TypeDefinition type = metadata.GetTypeDefinition(method.GetDeclaringType());
                    ignored.Add($"{metadata.GetString(type.Name)}.{metadata.GetString(method.Name)}: {called}");
                }
            }
        }

        return ignored;
    }

    private static bool Returns(MetadataReader metadata, int token, string outcome, out string called)
    {
        called = "";
        EntityHandle handle = (EntityHandle)MetadataTokens.Handle(token);
        if (handle.Kind == HandleKind.MethodSpecification)
        {
            handle = metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method;
        }

        ReturnType names = new();
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                called = metadata.GetString(method.Name);
                return method.DecodeSignature(names, null).ReturnType == outcome;
            case HandleKind.MemberReference:
                MemberReference member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                called = metadata.GetString(member.Name);
                return member.GetKind() == MemberReferenceKind.Method && member.DecodeMethodSignature(names, null).ReturnType == outcome;
            default:
                return false;
        }
    }

    /// <summary>Names types that are no arguments and no shapes of others; all else is a question mark.</summary>
    private sealed class ReturnType : ISignatureTypeProvider<string, object?>
    {
        private const string Other = "?";

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            TypeDefinition type = reader.GetTypeDefinition(handle);
            return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            TypeReference type = reader.GetTypeReference(handle);
            return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public string GetArrayType(string elementType, ArrayShape shape) => Other;

        public string GetByReferenceType(string elementType) => Other;

        public string GetFunctionPointerType(MethodSignature<string> signature) => Other;

        public string GetGenericInstantiation(string genericType, System.Collections.Immutable.ImmutableArray<string> typeArguments) => Other;

        public string GetGenericMethodParameter(object? genericContext, int index) => Other;

        public string GetGenericTypeParameter(object? genericContext, int index) => Other;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => Other;

        public string GetPointerType(string elementType) => Other;

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => Other;

        public string GetSZArrayType(string elementType) => Other;

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) => Other;
    }
}
