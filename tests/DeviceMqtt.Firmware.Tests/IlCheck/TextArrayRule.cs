using System.Reflection.Emit;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>
/// Finds string arrays that leave the method that makes them with elements nobody assigned. Filled counts as: every element stands in the initializer;
/// or the place that the array is put into (a field, a local) is loaded again in the same method and an element with a computed index is stored.
/// </summary>
internal sealed class TextArrayRule(List<Instruction> instructions, Func<Instruction, string> nameOfType)
{
    // Between the load of an array and the store into it stand an index and a value: a call or two, not a whole loop body.
    private const int StoreDistanceMax = 12;

    /// <summary>What each of the arrays is put into.</summary>
    internal IEnumerable<string> Unassigned()
    {
        for (int i = 0; i < instructions.Count; i++)
        {
            if (instructions[i].Code == OpCodes.Newarr && nameOfType(instructions[i]) == "System.String")
            {
                int assigned = CountInitializer(i + 1, out int next);
                bool isWhole = ConstantAt(i - 1) is { } length && assigned >= length;
                if (!isWhole && !IsFilledLater(next))
                {
                    yield return next < instructions.Count ? $"string[] to {instructions[next].Code.Name}" : "string[]";
                }
            }
        }
    }

    /// <summary>Counts the elements of an initializer: the array is duplicated for each of them.</summary>
    private int CountInitializer(int at, out int next)
    {
        int count = 0;
        next = at;
        while (next < instructions.Count && instructions[next].Code == OpCodes.Dup)
        {
            int store = instructions.FindIndex(next, instruction => instruction.Code == OpCodes.Stelem_Ref);
            if (store < 0)
            {
                return count;
            }

            count++;
            next = store + 1;
        }

        return count;
    }

    private bool IsFilledLater(int put)
    {
        for (int load = put + 1; put < instructions.Count && load < instructions.Count; load++)
        {
            if (!IsLoadOf(instructions[load], instructions[put]) || load + 1 >= instructions.Count || ConstantAt(load + 1) is not null)
            {
                continue;
            }

            // A branch ends the expression: what is stored behind it is another matter.
            for (int i = load + 1; i < instructions.Count && i < load + StoreDistanceMax && instructions[i].Code.FlowControl is FlowControl.Next or FlowControl.Call; i++)
            {
                if (instructions[i].Code == OpCodes.Stelem_Ref)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsLoadOf(Instruction load, Instruction put) =>
        put.Code == OpCodes.Stfld ? load.Code == OpCodes.Ldfld && load.Token == put.Token
        : put.Code == OpCodes.Stsfld ? load.Code == OpCodes.Ldsfld && load.Token == put.Token
        : LocalOf(put, "stloc") is { } local && LocalOf(load, "ldloc") == local;

    private static int? LocalOf(Instruction instruction, string operation)
    {
        string name = instruction.Code.Name!;
        return !name.StartsWith(operation, StringComparison.Ordinal) ? null
            : name[^1] is >= '0' and <= '3' ? name[^1] - '0'
            : instruction.Integer;
    }

    private int? ConstantAt(int at)
    {
        if (at < 0)
        {
            return null;
        }

        string name = instructions[at].Code.Name!;
        return !name.StartsWith("ldc.i4", StringComparison.Ordinal) ? null
            : name[^1] is >= '0' and <= '8' && name[^2] == '.' ? name[^1] - '0'
            : name == "ldc.i4.m1" ? -1
            : instructions[at].Integer;
    }
}
