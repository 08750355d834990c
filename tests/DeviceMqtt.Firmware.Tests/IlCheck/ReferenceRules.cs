using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Types and members that are referred to: they must be in the lists, and must not be generic or multidimensional.</summary>
internal sealed class ReferenceRules(MetadataReader reader, NanoApi api, TypeTextProvider provider, IlReport report)
{
    private readonly HashSet<EntityHandle> _visited = [];

    internal TypeTextProvider Provider => provider;

    /// <summary>What a member reference refers to: full name of the type, name, and parameters in brackets.</summary>
    internal (string Type, string Name, string Parameters) Describe(MemberReferenceHandle handle)
    {
        MemberReference member = reader.GetMemberReference(handle);
        string name = reader.GetString(member.Name);
        string type = ParentOf(member).Id;
        return member.GetKind() == MemberReferenceKind.Field
            ? (type, name, string.Empty)
            : (type, name, Parameters(member.DecodeMethodSignature(provider, genericContext: null)));
    }

    /// <summary>Full name of a type, whatever kind of token names it.</summary>
    internal string NameOfType(EntityHandle handle) => TextOf(handle).Id;

    internal void CheckGenericParameters(GenericParameterHandleCollection parameters, string where)
    {
        if (parameters.Count > 0)
        {
            report.Add(IlRule.Generic, where, "generic parameters");
        }
    }

    internal void CheckType(EntityHandle handle, string where)
    {
        if (!handle.IsNil && handle.Kind != HandleKind.TypeDefinition)
        {
            _visited.Add(handle);
            CheckText(TextOf(handle), where);
        }
    }

    internal void CheckSignature(MethodSignature<TypeText> signature, string where)
    {
        CheckText(signature.ReturnType, where);
        foreach (TypeText parameter in signature.ParameterTypes)
        {
            CheckText(parameter, where);
        }
    }

    internal void CheckText(TypeText text, string where)
    {
        if (text.Id.Contains("<>f__AnonymousDelegate", StringComparison.Ordinal) || text.Id.Contains("<>A", StringComparison.Ordinal) || text.Id.Contains("<>F", StringComparison.Ordinal))
        {
            report.Add(IlRule.NaturalTypeLambda, where, text.Id);
        }

        if (text.IsGeneric)
        {
            report.Add(IlRule.Generic, where, text.Id);
        }

        if (text.IsMultidimensional)
        {
            report.Add(IlRule.MultidimensionalArray, where, text.Id);
        }

        report.ExternalTypes.UnionWith(text.Externals);
        foreach (string external in text.Externals.Where(external => !api.HasType(external)))
        {
            report.Add(IlRule.TypeMissing, where, external);
        }
    }

    /// <summary>Checks a member that code uses, whatever kind of token names it.</summary>
    internal void CheckMember(EntityHandle handle, string where)
    {
        switch (handle.Kind)
        {
            case HandleKind.MemberReference:
                CheckMember((MemberReferenceHandle)handle, where);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = reader.GetMethodSpecification((MethodSpecificationHandle)handle);
                report.Add(IlRule.Generic, where, NameOf(specification.Method));
                CheckMember(specification.Method, where);
                break;
            case HandleKind.MethodDefinition:
                TypeDefinitionHandle owner = reader.GetMethodDefinition((MethodDefinitionHandle)handle).GetDeclaringType();
                CheckText(new TypeText(MetadataNames.NameOf(reader, owner)), where);
                break;
        }
    }

    /// <summary>Checks what the metadata refers to without any checked type having done so: nothing is to slip through.</summary>
    /// <param name="attributeTypes">Types that only stand for attributes the compiler adds.</param>
    internal void CheckRemaining(IReadOnlySet<EntityHandle> attributeTypes)
    {
        const string Where = "the metadata";
        foreach (MemberReferenceHandle handle in reader.MemberReferences)
        {
            if (!_visited.Contains(handle) && !attributeTypes.Contains(reader.GetMemberReference(handle).Parent))
            {
                CheckMember(handle, Where);
            }
        }

        foreach (TypeReferenceHandle handle in reader.TypeReferences)
        {
            EntityHandle scope = reader.GetTypeReference(handle).ResolutionScope;
            if (!attributeTypes.Contains(handle) && !attributeTypes.Contains(scope))
            {
                CheckType(handle, Where);
            }
        }

        for (int row = 1; row <= reader.GetTableRowCount(TableIndex.TypeSpec); row++)
        {
            CheckType(MetadataTokens.TypeSpecificationHandle(row), Where);
        }

        for (int row = 1; row <= reader.GetTableRowCount(TableIndex.MethodSpec); row++)
        {
            CheckMember(MetadataTokens.MethodSpecificationHandle(row), Where);
        }
    }

    private static string Parameters(MethodSignature<TypeText> signature) =>
        signature.ParameterTypes.Length == 0 ? string.Empty : "(" + string.Join(',', signature.ParameterTypes.Select(p => p.Id)) + ")";

    private void CheckMember(MemberReferenceHandle handle, string where)
    {
        _visited.Add(handle);
        MemberReference member = reader.GetMemberReference(handle);
        TypeText parent = ParentOf(member);
        CheckText(parent, where);
        string name = reader.GetString(member.Name);
        bool isField = member.GetKind() == MemberReferenceKind.Field;
        string rest;
        if (isField)
        {
            TypeText type = member.DecodeFieldSignature(provider, genericContext: null);
            CheckText(type, where);
            rest = $"{name}~{type.Id}";
        }
        else
        {
            MethodSignature<TypeText> signature = member.DecodeMethodSignature(provider, genericContext: null);
            CheckSignature(signature, where);
            rest = name == ".ctor" ? "#ctor" + Parameters(signature) : $"{name}{Parameters(signature)}~{signature.ReturnType.Id}";
        }

        // Members of our own assemblies exist; those of generic types and of arrays are reported as what they are.
        if (parent.Externals.Count == 0 || parent.IsGeneric || parent.IsMultidimensional)
        {
            return;
        }

        report.ExternalMembers.Add($"{parent.Id}.{rest}");
        if (!api.HasMember(isField ? 'F' : 'M', parent.Id, rest))
        {
            report.Add(IlRule.MemberMissing, where, $"{parent.Id}.{rest}");
        }
    }

    private TypeText ParentOf(MemberReference member) => member.Parent.Kind switch
    {
        HandleKind.TypeReference or HandleKind.TypeSpecification or HandleKind.TypeDefinition => TextOf(member.Parent),
        _ => new TypeText(member.Parent.Kind.ToString()) { Externals = [member.Parent.Kind.ToString()] },
    };

    private TypeText TextOf(EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => provider.GetTypeFromReference(reader, (TypeReferenceHandle)handle, 0),
        HandleKind.TypeSpecification => provider.GetTypeFromSpecification(reader, genericContext: null, (TypeSpecificationHandle)handle, 0),
        _ => provider.GetTypeFromDefinition(reader, (TypeDefinitionHandle)handle, 0),
    };

    private string NameOf(EntityHandle method) => method.Kind == HandleKind.MemberReference
        ? reader.GetString(reader.GetMemberReference((MemberReferenceHandle)method).Name)
        : reader.GetString(reader.GetMethodDefinition((MethodDefinitionHandle)method).Name);
}
