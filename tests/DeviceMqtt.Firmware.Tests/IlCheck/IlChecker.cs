using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>
/// Reads a compiled assembly and finds what would not compile, or would fail at run time, on nanoFramework 1.x. Compiled as C# 9, the PC build
/// refers to the same members as the device build does, so the lists can be held against it.
/// </summary>
internal sealed class IlChecker(NanoApi api, params string[] ownAssemblies)
{
    private readonly HashSet<string> _ownAssemblies = [.. ownAssemblies];

    /// <summary>Checks the whole of an assembly: its types, and then every reference in its metadata that none of them accounts for.</summary>
    internal IlReport Check(string assemblyPath) => Check(assemblyPath, static _ => true, isWhole: true);

    /// <summary>Checks some of the types of an assembly, by full name.</summary>
    internal IlReport Check(string assemblyPath, Func<string, bool> isChecked) => Check(assemblyPath, isChecked, isWhole: false);

    private IlReport Check(string assemblyPath, Func<string, bool> isChecked, bool isWhole)
    {
        using PEReader pe = new(File.OpenRead(assemblyPath));
        MetadataReader reader = pe.GetMetadataReader();
        IlReport report = new();
        ReferenceRules references = new(reader, api, new TypeTextProvider(_ownAssemblies), report);
        AttributeRules attributes = new(reader, references, report);
        BodyRules bodies = new(reader, references, new EnumFinder(reader, api, assemblyPath, _ownAssemblies), report);
        foreach (TypeDefinitionHandle handle in reader.TypeDefinitions)
        {
            string name = MetadataNames.NameOf(reader, handle);
            if (isChecked(name))
            {
                CheckType(pe, reader, handle, name, references, attributes, bodies);
            }
        }

        if (isWhole)
        {
            attributes.Check(reader.GetAssemblyDefinition().GetCustomAttributes(), "assembly");
            attributes.Check(reader.GetModuleDefinition().GetCustomAttributes(), "module");
            references.CheckRemaining(attributes.Types);
        }

        return report;
    }

    private static void CheckType(
        PEReader pe, MetadataReader reader, TypeDefinitionHandle handle, string name, ReferenceRules references, AttributeRules attributes, BodyRules bodies)
    {
        TypeDefinition type = reader.GetTypeDefinition(handle);
        attributes.Check(type.GetCustomAttributes(), name);
        references.CheckGenericParameters(type.GetGenericParameters(), name);
        references.CheckType(type.BaseType, name);
        foreach (InterfaceImplementationHandle implementation in type.GetInterfaceImplementations())
        {
            references.CheckType(reader.GetInterfaceImplementation(implementation).Interface, name);
        }

        foreach (FieldDefinitionHandle fieldHandle in type.GetFields())
        {
            FieldDefinition field = reader.GetFieldDefinition(fieldHandle);
            string where = $"{name}.{reader.GetString(field.Name)}";
            attributes.Check(field.GetCustomAttributes(), where);
            references.CheckText(field.DecodeSignature(references.Provider, genericContext: null), where);
        }

        foreach (PropertyDefinitionHandle property in type.GetProperties())
        {
            attributes.Check(reader.GetPropertyDefinition(property).GetCustomAttributes(), name);
        }

        foreach (EventDefinitionHandle definition in type.GetEvents())
        {
            attributes.Check(reader.GetEventDefinition(definition).GetCustomAttributes(), name);
        }

        foreach (MethodDefinitionHandle methodHandle in type.GetMethods())
        {
            MethodDefinition method = reader.GetMethodDefinition(methodHandle);
            string where = $"{name}.{reader.GetString(method.Name)}";
            attributes.Check(method.GetCustomAttributes(), where);
            references.CheckGenericParameters(method.GetGenericParameters(), where);
            references.CheckSignature(method.DecodeSignature(references.Provider, genericContext: null), where);
            foreach (ParameterHandle parameter in method.GetParameters())
            {
                attributes.Check(reader.GetParameter(parameter).GetCustomAttributes(), where);
            }

            if (method.RelativeVirtualAddress != 0)
            {
                bodies.Check(pe.GetMethodBody(method.RelativeVirtualAddress), where);
            }
        }
    }
}
