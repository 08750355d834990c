namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// Keeps the runtime's thread for collections beside the turns. The runtime lets it go when it has had nothing to do for twenty seconds, and makes another when a collection of everything is due; until .NET 11 it does not
/// wait for that to begin, and collects with everything standing still instead (dotnet/runtime pull request 119383). Measured: one millisecond for each megabyte that lives, so 385 ms with a journal of 5 GB. So where that
/// would be felt, a collection beside the turns is asked for before the thread goes. By who beats.
/// </summary>
/// <param name="memory">The runtime's.</param>
internal sealed class CollectorThread(IRuntimeMemory memory)
{
    /// <summary>Bytes of objects below which a collection that stands still is not felt.</summary>
    public const long FeltBytesMin = 8 * 1024 * 1024;

    /// <summary>Beats from the end of the last collection beside the turns to the next. Chosen: beats may be late, and the thread goes after twenty seconds.</summary>
    public const int Beats = 14;

    private long _index;
    private int _beats = Beats;

    /// <summary>Once a second, outside a turn.</summary>
    public void Look()
    {
        if (!memory.IsThreadLetGo)
            return;
        long index = memory.BesideIndex;
        if (index != _index)
            (_index, _beats) = (index, 0);
        if (++_beats <= Beats || memory.Size.UsedBytes < FeltBytesMin)
            return;
        _beats = 0;
        memory.CollectBeside();
    }
}
