using System.Reflection.Metadata;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Attributes: one that the source names must exist on the board; those the compiler or the SDK adds differ with the target.</summary>
internal sealed class AttributeRules(MetadataReader reader, ReferenceRules references, IlReport report)
{
    // Added without a word in the source. In a device build the compiler leaves them out or brings its own.
    private static readonly HashSet<string> AddedByCompiler =
    [
        "System.Runtime.CompilerServices.NullableAttribute",
        "System.Runtime.CompilerServices.NullableContextAttribute",
        "System.Runtime.CompilerServices.CompilerGeneratedAttribute",
        "System.Runtime.CompilerServices.CompilationRelaxationsAttribute",
        "System.Runtime.CompilerServices.RuntimeCompatibilityAttribute",
        "System.Runtime.CompilerServices.IsReadOnlyAttribute",
        "System.Runtime.CompilerServices.RefSafetyRulesAttribute",
        "System.Diagnostics.DebuggableAttribute",
        "System.Diagnostics.DebuggerBrowsableAttribute",
        "System.Reflection.AssemblyCompanyAttribute",
        "System.Reflection.AssemblyConfigurationAttribute",
        "System.Reflection.AssemblyFileVersionAttribute",
        "System.Reflection.AssemblyInformationalVersionAttribute",
        "System.Reflection.AssemblyProductAttribute",
        "System.Reflection.AssemblyTitleAttribute",
        "System.Reflection.AssemblyMetadataAttribute",
        "System.Runtime.CompilerServices.InternalsVisibleToAttribute",
        "System.Runtime.Versioning.TargetFrameworkAttribute",
    ];

    private readonly HashSet<EntityHandle> _types = [];

    /// <summary>Type references that were only seen as attributes the compiler adds.</summary>
    internal IReadOnlySet<EntityHandle> Types => _types;

    internal void Check(CustomAttributeHandleCollection attributes, string where)
    {
        foreach (CustomAttributeHandle handle in attributes)
        {
            foreach (string text in AttributeValues.TextsOf(reader.GetCustomAttribute(handle)))
            {
                TextRule.Check(text, where, report);
            }

            EntityHandle constructor = reader.GetCustomAttribute(handle).Constructor;
            if (constructor.Kind != HandleKind.MemberReference)
            {
                continue;
            }

            string type = references.Describe((MemberReferenceHandle)constructor).Type;
            if (AddedByCompiler.Contains(type))
            {
                _types.Add(reader.GetMemberReference((MemberReferenceHandle)constructor).Parent);
                continue;
            }

            int before = report.Offences.Count;
            references.CheckMember(constructor, where);
            if (report.Offences.Count > before)
            {
                report.Add(IlRule.AttributeMissing, where, type);
            }
        }
    }
}
