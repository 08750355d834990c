namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// What is made for pages is garbage a moment later, and the runtime lets 16 MB of it come together before it collects: more than all that pages keep. While one is open it is
/// collected from <see cref="StepBytes"/> on, at most once a look.
/// </summary>
/// <param name="collections">Collections so far.</param>
/// <param name="made">Bytes of all objects made so far.</param>
/// <param name="collect">Collects the young.</param>
internal sealed class PageGarbage(Func<int> collections, Func<long> made, Action collect)
{
    /// <summary>Bytes made since the last collection below which there is none before its time: those of one region of the heap, which is the least that it takes or gives back.</summary>
    public const long StepBytes = 4 * 1024 * 1024;

    private int _collections = -1;
    private long _made;

    public static PageGarbage OfRuntime() => new(static () => GC.CollectionCount(0), static () => GC.GetTotalAllocatedBytes(precise: false), static () => GC.Collect(0, GCCollectionMode.Forced, blocking: true));

    /// <summary>Once a look.</summary>
    public void Look()
    {
        if (collections() == _collections && made() - _made >= StepBytes)
            collect();
        else if (collections() == _collections)
            return;
        (_collections, _made) = (collections(), made());
    }
}
