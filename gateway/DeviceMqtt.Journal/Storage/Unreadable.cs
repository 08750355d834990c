namespace DeviceMqtt.Journal;

/// <summary>Bytes of a file that the medium does not give back.</summary>
/// <param name="Offset">Where they begin.</param>
/// <param name="Bytes">How many.</param>
/// <param name="Why">What the system said of the first of them.</param>
internal readonly record struct Unreadable(long Offset, long Bytes, string Why)
{
    public long End => Offset + Bytes;
}
