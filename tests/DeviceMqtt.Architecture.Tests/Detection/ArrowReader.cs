using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using DeviceMqtt.Firmware.Tests.IlCheck;

namespace DeviceMqtt.Architecture.Tests.Detection;

/// <summary>
/// Reads from a compiled assembly which of its files name which other of its files: in base types, interfaces, constraints, signatures of
/// members, attributes, locals, and in every instruction that carries a token.
/// </summary>
/// <remarks>
/// What the compiler has replaced by its value cannot be seen: a constant, a member of an enum, nameof, and what stands in a comment only. A
/// release build drops locals too. A call names the type that has the method, and its type arguments; not the parameters of that method. But
/// for enums: <c>counters.Drop(DropReason.Full)</c> leaves nothing of DropReason than the parameter of Drop, so whoever uses a method or field
/// counts as naming the enums in its signature. It may only hand on a value; that is rare, and the enum has to stand below it anyway.
/// </remarks>
internal sealed class ArrowReader
{
    private const string ModuleType = "<Module>";

    private readonly PEReader _assembly;
    private readonly MetadataReader _metadata;
    private readonly SignatureTypes _signatures;
    private readonly SignatureTypes _enums;
    private readonly AttributeTypes _attributes;
    private readonly SortedDictionary<TypeFile, SortedDictionary<TypeFile, SortedSet<string>>> _arrows = new(TypeFile.ByName);

    // Where the reader is: the file, and the member in it, for messages.
    private TypeFile _file;
    private string _member = "";

    private ArrowReader(PEReader assembly)
    {
        _assembly = assembly;
        _metadata = assembly.GetMetadataReader();
        _signatures = new SignatureTypes(Add);
        _enums = new SignatureTypes(AddEnum);
        _attributes = new AttributeTypes(_metadata, Add);
    }

    /// <summary>For each file the files it names, and the members that name them.</summary>
    public static IReadOnlyDictionary<TypeFile, SortedDictionary<TypeFile, SortedSet<string>>> Read(PEReader assembly)
    {
        ArrowReader reader = new(assembly);
        foreach (TypeDefinitionHandle type in reader._metadata.TypeDefinitions)
        {
            reader.ReadType(type);
        }

        return reader._arrows;
    }

    /// <summary>The file a type belongs to: its outermost type.</summary>
    public static TypeFile FileOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        TypeDefinition type = metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return new TypeFile(metadata.GetString(type.Namespace), metadata.GetString(type.Name).Split('`')[0]);
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        string name = _metadata.GetString(type.Name);
        if (name == ModuleType)
        {
            return;
        }

        _file = FileOf(_metadata, handle);
        _arrows.TryAdd(_file, new SortedDictionary<TypeFile, SortedSet<string>>(TypeFile.ByName));
        _member = "declaration";
        Name(type.BaseType);
        ReadAttributes(type.GetCustomAttributes());
        ReadGenericParameters(type.GetGenericParameters());
        foreach (InterfaceImplementation implementation in type.GetInterfaceImplementations().Select(_metadata.GetInterfaceImplementation))
        {
            Name(implementation.Interface);
            ReadAttributes(implementation.GetCustomAttributes());
        }

        foreach (MethodImplementation implementation in type.GetMethodImplementations().Select(_metadata.GetMethodImplementation))
        {
            Name(implementation.MethodDeclaration);
        }

        ReadMembers(type, name);
    }

    private void ReadMembers(TypeDefinition type, string typeName)
    {
        foreach (FieldDefinition field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            _member = SourceName(_metadata.GetString(field.Name), typeName);
            field.DecodeSignature(_signatures, null);
            ReadAttributes(field.GetCustomAttributes());
        }

        foreach (PropertyDefinition property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
        {
            _member = _metadata.GetString(property.Name);
            property.DecodeSignature(_signatures, null);
            ReadAttributes(property.GetCustomAttributes());
        }

        foreach (EventDefinition happening in type.GetEvents().Select(_metadata.GetEventDefinition))
        {
            _member = _metadata.GetString(happening.Name);
            Name(happening.Type);
            ReadAttributes(happening.GetCustomAttributes());
        }

        foreach (MethodDefinition method in type.GetMethods().Select(_metadata.GetMethodDefinition))
        {
            _member = SourceName(_metadata.GetString(method.Name), typeName);
            method.DecodeSignature(_signatures, null);
            ReadAttributes(method.GetCustomAttributes());
            ReadGenericParameters(method.GetGenericParameters());
            foreach (ParameterHandle parameter in method.GetParameters())
            {
                ReadAttributes(_metadata.GetParameter(parameter).GetCustomAttributes());
            }

            if (method.RelativeVirtualAddress != 0)
            {
                ReadBody(_assembly.GetMethodBody(method.RelativeVirtualAddress));
            }
        }
    }

    private void ReadBody(MethodBodyBlock body)
    {
        Name(body.LocalSignature);
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Name(region.CatchType);
        }

        foreach (int token in InstructionReader.Read(body.GetILReader()).Select(instruction => instruction.Token).Where(token => token != 0))
        {
            Handle handle = MetadataTokens.Handle(token);
            if (handle.Kind != HandleKind.UserString)
            {
                Name((EntityHandle)handle);
            }
        }
    }

    private void ReadGenericParameters(GenericParameterHandleCollection parameters)
    {
        foreach (GenericParameter parameter in parameters.Select(_metadata.GetGenericParameter))
        {
            ReadAttributes(parameter.GetCustomAttributes());
            foreach (GenericParameterConstraint constraint in parameter.GetConstraints().Select(_metadata.GetGenericParameterConstraint))
            {
                Name(constraint.Type);
            }
        }
    }

    private void ReadAttributes(CustomAttributeHandleCollection attributes)
    {
        foreach (CustomAttribute attribute in attributes.Select(_metadata.GetCustomAttribute))
        {
            Name(attribute.Constructor);
            attribute.DecodeValue(_attributes);
        }
    }

    private void Name(EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }

        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                Add((TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeSpecification:
                _metadata.GetTypeSpecification((TypeSpecificationHandle)handle).DecodeSignature(_signatures, null);
                break;
            case HandleKind.FieldDefinition:
                FieldDefinition field = _metadata.GetFieldDefinition((FieldDefinitionHandle)handle);
                Add(field.GetDeclaringType());
                field.DecodeSignature(_enums, null);
                break;
            case HandleKind.MethodDefinition:
                MethodDefinition method = _metadata.GetMethodDefinition((MethodDefinitionHandle)handle);
                Add(method.GetDeclaringType());
                method.DecodeSignature(_enums, null);
                break;
            case HandleKind.MemberReference:
                // A member of a generic type of ours, or of a foreign one with a type of ours as its argument.
                NameMember(_metadata.GetMemberReference((MemberReferenceHandle)handle));
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification generic = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Name(generic.Method);
                generic.DecodeSignature(_signatures, null);
                break;
            case HandleKind.StandaloneSignature:
                NameSignature(_metadata.GetStandaloneSignature((StandaloneSignatureHandle)handle));
                break;
            case HandleKind.TypeReference:
                // Another assembly: whether that may be named, the table of assemblies says.
                break;
            default:
                throw new InvalidOperationException($"{_file.Name}.{_member} carries a token for a {handle.Kind}");
        }
    }

    private void NameMember(MemberReference member)
    {
        Name(member.Parent);
        if (member.GetKind() == MemberReferenceKind.Field)
        {
            member.DecodeFieldSignature(_enums, null);
        }
        else
        {
            member.DecodeMethodSignature(_enums, null);
        }
    }

    private void NameSignature(StandaloneSignature signature)
    {
        if (signature.GetKind() == StandaloneSignatureKind.LocalVariables)
        {
            signature.DecodeLocalSignature(_signatures, null);
        }
        else
        {
            signature.DecodeMethodSignature(_signatures, null);
        }
    }

    private void AddEnum(TypeDefinitionHandle named)
    {
        EntityHandle parent = _metadata.GetTypeDefinition(named).BaseType;
        if (parent is { IsNil: false, Kind: HandleKind.TypeReference }
            && _metadata.StringComparer.Equals(_metadata.GetTypeReference((TypeReferenceHandle)parent).Name, nameof(Enum)))
        {
            Add(named);
        }
    }

    private void Add(TypeDefinitionHandle named)
    {
        TypeFile to = FileOf(_metadata, named);
        if (to != _file)
        {
            SortedDictionary<TypeFile, SortedSet<string>> known = _arrows[_file];
            if (!known.TryGetValue(to, out SortedSet<string>? members))
            {
                known.Add(to, members = new SortedSet<string>(StringComparer.Ordinal));
            }

            members.Add(_member);
        }
    }

    // The compiler calls the body of an async method <Send>d__3.MoveNext, a lambda <Send>b__0, the field of a property <Count>k__BackingField.
    private static string SourceName(string member, string type)
    {
        foreach (string name in (ReadOnlySpan<string>)[member, type])
        {
            int end = name.IndexOf('>', StringComparison.Ordinal);
            if (name.StartsWith('<') && end > 1)
            {
                return name[1..end];
            }
        }

        return member.StartsWith('<') ? "lambda" : member;
    }
}
