namespace DeviceMqtt.Protocol;

/// <summary>Which properties are present, as bits: says without a walk whether there is anything to look for.</summary>
public readonly record struct PropertySet(ulong Bits)
{
    public bool IsEmpty => Bits == 0;

    public bool Contains(PropertyId id) => (Bits & 1UL << (int)id) != 0;

    internal PropertySet With(PropertyId id) => new(Bits | 1UL << (int)id);
}
