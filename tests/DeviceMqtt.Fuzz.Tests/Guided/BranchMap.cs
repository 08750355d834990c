using System.Numerics;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Fuzz.Tests.Guided;

/// <summary>
/// Which branches the instrumented assemblies have taken, and how often, in powers of two: the map of American Fuzzy Lop. Assemblies that are not
/// instrumented leave it empty.
/// </summary>
internal sealed unsafe class BranchMap
{
    private const int Cells = 65_536; // what SharpFuzz writes into

    // For the life of the process: what is instrumented writes into it whenever it runs, and anywhere where there is none.
    private static readonly byte* Now = (byte*)NativeMemory.AllocZeroed(Cells);
    private readonly byte[] _seen = new byte[Cells];

    /// <summary>Before anything that is instrumented runs.</summary>
    public static void Attach() => SharpFuzz.Common.Trace.SharedMem = Now;

    /// <summary>Branches that were taken by any input.</summary>
    public int Count { get; private set; }

    /// <summary>Before an input is read.</summary>
    public static void Begin()
    {
        new Span<byte>(Now, Cells).Clear();
        SharpFuzz.Common.Trace.PrevLocation = 0;
    }

    /// <summary>Whether the input has taken a branch that none has, or one much more often; from then on it is known.</summary>
    public bool TakeNew()
    {
        bool isNew = false;
        for (int i = 0; i < Cells; i++)
        {
            if (Now[i] == 0)
                continue;
            byte often = (byte)(1 << BitOperations.Log2(Now[i]));
            if ((_seen[i] & often) != 0)
                continue;
            Count += _seen[i] == 0 ? 1 : 0;
            _seen[i] |= often;
            isNew = true;
        }

        return isNew;
    }
}
