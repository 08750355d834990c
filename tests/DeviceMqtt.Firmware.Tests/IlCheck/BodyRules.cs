using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Text.RegularExpressions;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>What instructions do: the members they use, and the operations that a board does not have or does differently.</summary>
internal sealed partial class BodyRules(MetadataReader reader, ReferenceRules references, EnumFinder enums, IlReport report)
{
    private static readonly HashSet<string> Numbers =
    [
        "System.Byte", "System.SByte", "System.Int16", "System.UInt16", "System.Int32", "System.UInt32", "System.Int64", "System.UInt64", "System.Single", "System.Double",
    ];

    internal void Check(MethodBodyBlock body, string where)
    {
        report.Methods++;
        if (!body.LocalSignature.IsNil)
        {
            foreach (TypeText local in reader.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(references.Provider, genericContext: null))
            {
                references.CheckText(local, where);
            }
        }

        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            references.CheckType(region.CatchType, where);
        }

        List<Instruction> instructions = InstructionReader.Read(body.GetILReader());
        report.Instructions += instructions.Count;
        for (int i = 0; i < instructions.Count; i++)
        {
            CheckOperation(instructions, i, where);
            CheckToken(instructions[i], where);
        }

        CheckFormats(instructions, where);
        TextArrayRule textArrays = new(instructions, instruction => references.NameOfType(HandleOf(instruction)));
        foreach (string array in textArrays.Unassigned())
        {
            report.Add(IlRule.UnassignedText, where, array);
        }
    }

    // D, F, G, N and X with digits are what nanoFramework formats; the rest it prints as it stands.
    [GeneratedRegex("^[DFGNX][0-9]{0,2}$", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex StandardFormat { get; }

    [GeneratedRegex(@"\{[0-9]+(?:,-?[0-9]+)?:(?<format>[^}]*)\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FormatItem { get; }

    private void CheckOperation(List<Instruction> instructions, int at, string where)
    {
        Instruction instruction = instructions[at];
        string operation = instruction.Code.Name!;
        if (instruction.Code == OpCodes.Localloc)
        {
            report.Add(IlRule.StackAlloc, where, operation);
        }
        else if (operation.Contains(".ovf", StringComparison.Ordinal))
        {
            report.Add(IlRule.Checked, where, operation);
        }
        else if (instruction.Code == OpCodes.Box && enums.IsEnum(HandleOf(instruction)))
        {
            // Text and object are the only reasons to box an enum, and the object's text is the number.
            report.Add(IlRule.EnumText, where, "boxed enum");
        }
        else if (instruction.Code == OpCodes.Constrained && enums.IsEnum(HandleOf(instruction)) && IsCallOf(instructions, at + 1, "ToString"))
        {
            report.Add(IlRule.EnumText, where, "ToString of an enum");
        }
        else if ((operation.StartsWith("ldc.r", StringComparison.Ordinal) && !double.IsFinite(instruction.Number)) || DividesByZero(instructions, at))
        {
            report.Add(IlRule.DivisionByZero, where, operation);
        }
    }

    private static bool DividesByZero(List<Instruction> instructions, int at)
    {
        if (at == 0 || (instructions[at].Code != OpCodes.Div && instructions[at].Code != OpCodes.Rem))
        {
            return false;
        }

        Instruction divisor = instructions[at - 1];
        bool isConverted = divisor.Code == OpCodes.Conv_R8 || divisor.Code == OpCodes.Conv_R4;
        return isConverted
            ? at > 1 && instructions[at - 2].Code == OpCodes.Ldc_I4_0
            : (divisor.Code == OpCodes.Ldc_R8 || divisor.Code == OpCodes.Ldc_R4) && divisor.Number == 0;
    }

    private void CheckToken(Instruction instruction, string where)
    {
        switch (instruction.Code.OperandType)
        {
            case OperandType.InlineMethod or OperandType.InlineField:
                CheckMember(HandleOf(instruction), where);
                break;
            case OperandType.InlineType:
                references.CheckType(HandleOf(instruction), where);
                break;
            case OperandType.InlineTok when HandleOf(instruction).Kind is HandleKind.TypeReference or HandleKind.TypeSpecification:
                references.CheckType(HandleOf(instruction), where);
                break;
            case OperandType.InlineTok:
                CheckMember(HandleOf(instruction), where);
                break;
            case OperandType.InlineSig:
                report.Add(IlRule.TypeMissing, where, "method*");
                break;
        }
    }

    private void CheckMember(EntityHandle handle, string where)
    {
        references.CheckMember(handle, where);
        if (handle.Kind == HandleKind.MemberReference && references.Describe((MemberReferenceHandle)handle) is { Type: "System.Enum", Name: "ToString" })
        {
            report.Add(IlRule.EnumText, where, "System.Enum.ToString");
        }
    }

    private void CheckFormats(List<Instruction> instructions, string where)
    {
        bool usesFormat = instructions.Exists(i => IsCallOf(i, "System.String", "Format"));
        for (int i = 0; i < instructions.Count; i++)
        {
            if (instructions[i].Code != OpCodes.Ldstr)
            {
                continue;
            }

            string text = reader.GetUserString(MetadataTokens.UserStringHandle(instructions[i].Token));
            TextRule.Check(text, where, report);
            bool isFormat = i + 1 < instructions.Count && IsNumberToString(instructions[i + 1]);
            IEnumerable<string> formats = isFormat ? [text] : usesFormat ? FormatItem.Matches(text).Select(m => m.Groups["format"].Value) : [];
            foreach (string format in formats.Where(format => !StandardFormat.IsMatch(format)))
            {
                report.Add(IlRule.CustomFormat, where, format);
            }
        }
    }

    private bool IsNumberToString(Instruction instruction) =>
        Describe(instruction) is { Name: "ToString", Parameters: "(System.String)" } member && Numbers.Contains(member.Type);

    private bool IsCallOf(List<Instruction> instructions, int at, string name) =>
        at < instructions.Count && Describe(instructions[at]) is { } member && member.Name == name;

    private bool IsCallOf(Instruction instruction, string type, string name) =>
        Describe(instruction) is { } member && member.Type == type && member.Name == name;

    private (string Type, string Name, string Parameters)? Describe(Instruction instruction) =>
        instruction.Code.OperandType == OperandType.InlineMethod && HandleOf(instruction) is { Kind: HandleKind.MemberReference } handle
            ? references.Describe((MemberReferenceHandle)handle)
            : null;

    private static EntityHandle HandleOf(Instruction instruction) => MetadataTokens.EntityHandle(instruction.Token);
}
