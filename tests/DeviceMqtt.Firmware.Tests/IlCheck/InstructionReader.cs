using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>Cuts the body of a method into instructions (ECMA-335, partition III).</summary>
internal static class InstructionReader
{
    private static readonly Dictionary<int, OpCode> Codes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (ushort)code.Value & 0xFFFF);

    internal static List<Instruction> Read(BlobReader il)
    {
        List<Instruction> instructions = [];
        while (il.RemainingBytes > 0)
        {
            int value = il.ReadByte();
            OpCode code = Codes[value == 0xFE ? 0xFE00 | il.ReadByte() : value];
            instructions.Add(ReadOperand(ref il, code));
        }

        return instructions;
    }

    private static Instruction ReadOperand(ref BlobReader il, OpCode code)
    {
        switch (code.OperandType)
        {
            case OperandType.InlineNone:
                return new Instruction(code, 0, 0);
            case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI:
                return new Instruction(code, 0, 0, il.ReadSByte());
            case OperandType.ShortInlineVar:
                return new Instruction(code, 0, 0, il.ReadByte());
            case OperandType.InlineVar:
                return new Instruction(code, 0, 0, il.ReadUInt16());
            case OperandType.InlineI or OperandType.InlineBrTarget:
                return new Instruction(code, 0, 0, il.ReadInt32());
            case OperandType.InlineI8:
                il.ReadInt64();
                return new Instruction(code, 0, 0);
            case OperandType.ShortInlineR:
                return new Instruction(code, 0, il.ReadSingle());
            case OperandType.InlineR:
                return new Instruction(code, 0, il.ReadDouble());
            case OperandType.InlineSwitch:
                int targets = il.ReadInt32();
                il.Offset += targets * sizeof(int);
                return new Instruction(code, 0, 0);
            case OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineSig or OperandType.InlineString or OperandType.InlineTok or OperandType.InlineType:
                return new Instruction(code, il.ReadInt32(), 0);
            default:
                throw new InvalidOperationException($"operand of {code.Name}");
        }
    }
}
