using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using DeviceMqtt.Firmware.Tests.IlCheck;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>
/// Reads from a compiled assembly where an outcome is thrown away: a call of a method that returns it, and nothing that takes it from the
/// stack but <c>pop</c>. A discard (<c>_ = Keep();</c>) and a call as a statement of its own are that; in a debug build as well. So is one that
/// an out parameter gives to a local variable which nothing reads: <c>out _</c> is such a one.
/// </summary>
/// <remarks>
/// Not seen: an outcome that is assigned to a local variable that nobody reads, of which the compiler warns, and warnings are errors; and one that goes into a variable of a closure, an
/// iterator or an async method, which is a field.
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
            MethodBodyBlock block = assembly.GetMethodBody(method.RelativeVirtualAddress);
            List<Instruction> body = InstructionReader.Read(block.GetILReader());
            TypeDefinition owner = metadata.GetTypeDefinition(method.GetDeclaringType());
            ignored.AddRange(Unread(metadata, block, body, outcome, ref calls).Select(called => $"{metadata.GetString(owner.Name)}.{metadata.GetString(method.Name)}: {called}"));
            for (int i = 0; i < body.Count; i++)
            {
                if (body[i].Token == 0 || (body[i].Code != OpCodes.Call && body[i].Code != OpCodes.Callvirt) || !Returns(metadata, body[i].Token, outcome, out string called))
                {
                    continue;
                }

                calls++;
                if (i + 1 < body.Count && body[i + 1].Code == OpCodes.Pop)
                {
                    ignored.Add($"{metadata.GetString(owner.Name)}.{metadata.GetString(method.Name)}: {called}");
                }
            }
        }

        return ignored;
    }

    // What fills a local variable of that type through its address, where nothing but that is done with it.
    private static IEnumerable<string> Unread(MetadataReader metadata, MethodBodyBlock block, List<Instruction> body, string outcome, ref int calls)
    {
        System.Collections.Immutable.ImmutableArray<string> types = block.LocalSignature.IsNil ? [] : metadata.GetStandaloneSignature(block.LocalSignature).DecodeLocalSignature(new ReturnType(), null);
        Stack<int> addresses = [];
        HashSet<int> isRead = [];
        List<(int Local, string Called)> filled = [];
        foreach (Instruction instruction in body)
        {
            string name = instruction.Code.Name!;
            if (name.StartsWith("ldloca", StringComparison.Ordinal) && types[instruction.Integer] == outcome)
            {
                addresses.Push(instruction.Integer);
            }
            else if (name.StartsWith("ldloc", StringComparison.Ordinal) && !name.StartsWith("ldloca", StringComparison.Ordinal))
            {
                // ldloc.0 to ldloc.3 have their number in the name
                _ = isRead.Add(name[^1] is >= '0' and <= '3' ? name[^1] - '0' : instruction.Integer);
            }
            else if (name == "initobj" && addresses.Count > 0)
            {
                _ = addresses.Pop();
            }
            else if (instruction.Token != 0 && (instruction.Code == OpCodes.Call || instruction.Code == OpCodes.Callvirt))
            {
                int outs = OutsOf(metadata, instruction.Token, outcome, out string called, out bool isOfOutcome);
                calls += outs > 0 ? 1 : 0;
                for (; outs > 0 && addresses.Count > 0; outs--)
                    filled.Add((addresses.Pop(), called));
                if (isOfOutcome && addresses.Count > 0)
                    _ = isRead.Add(addresses.Pop());
            }
        }

        isRead.UnionWith(addresses); // whatever else has its address
        return filled.Where(f => !isRead.Contains(f.Local)).Select(static f => f.Called);
    }

    // How many out parameters of the type a method has, and whether it is an instance method of the type itself.
    private static int OutsOf(MetadataReader metadata, int token, string outcome, out string called, out bool isOfOutcome)
    {
        isOfOutcome = false;
        if (!TryResolve(metadata, token, out called, out MethodSignature<string> signature, out EntityHandle parent))
            return 0;
        ReturnType names = new();
        string type = parent.Kind switch
        {
            HandleKind.TypeDefinition => names.GetTypeFromDefinition(metadata, (TypeDefinitionHandle)parent, 0),
            HandleKind.TypeReference => names.GetTypeFromReference(metadata, (TypeReferenceHandle)parent, 0),
            _ => "",
        };
        isOfOutcome = signature.Header.IsInstance && type == outcome;
        return signature.ParameterTypes.Count(parameter => parameter == outcome + "&");
    }

    private static bool Returns(MetadataReader metadata, int token, string outcome, out string called) =>
        TryResolve(metadata, token, out called, out MethodSignature<string> signature, out _) && signature.ReturnType == outcome;

    // The method that a call names: of this assembly or of another, a generic one without its arguments.
    private static bool TryResolve(MetadataReader metadata, int token, out string called, out MethodSignature<string> signature, out EntityHandle parent)
    {
        (called, signature, parent) = ("", default, default);
        EntityHandle handle = (EntityHandle)MetadataTokens.Handle(token);
        if (handle.Kind == HandleKind.MethodSpecification)
            handle = metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method;
        ReturnType names = new();
        switch (handle.Kind)
        {
            case HandleKind.MethodDefinition:
                MethodDefinition method = metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                (called, signature, parent) = (metadata.GetString(method.Name), method.DecodeSignature(names, null), method.GetDeclaringType());
                return true;
            case HandleKind.MemberReference:
                MemberReference member = metadata.GetMemberReference((MemberReferenceHandle)handle);
                if (member.GetKind() != MemberReferenceKind.Method)
                    return false;
                (called, signature, parent) = (metadata.GetString(member.Name), member.DecodeMethodSignature(names, null), member.Parent);
                return true;
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

        public string GetByReferenceType(string elementType) => elementType + "&";

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
