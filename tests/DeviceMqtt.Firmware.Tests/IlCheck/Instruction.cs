using System.Reflection.Emit;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>One IL instruction.</summary>
/// <param name="Code">Its operation.</param>
/// <param name="Token">Its metadata token, or 0.</param>
/// <param name="Number">Its floating point operand, or 0.</param>
/// <param name="Integer">Its whole operand: a constant, or the number of a local or parameter; else 0.</param>
internal sealed record Instruction(OpCode Code, int Token, double Number, int Integer = 0);
