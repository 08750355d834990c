using System.Runtime.InteropServices;

namespace DeviceMqtt.Broker.Queues;

/// <summary>How full something with several bounds is: by the one that is nearest, for that one decides what is lost.</summary>
/// <param name="Part">Of that bound: 0 for empty, 1 for full.</param>
/// <param name="Bound">Which it is.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Fullness(double Part, FullBound Bound)
{
    /// <summary>In whole percent, rounded down.</summary>
    public int Percent => (int)(Part * 100);

    /// <summary>This one, or another bound that is nearer.</summary>
    /// <param name="used">Of the other.</param>
    /// <param name="max">Of the other, more than 0.</param>
    /// <param name="bound">Which it is.</param>
    public Fullness Or(long used, long max, FullBound bound) => (double)used / max is var part && part > Part ? new Fullness(part, bound) : this;
}
