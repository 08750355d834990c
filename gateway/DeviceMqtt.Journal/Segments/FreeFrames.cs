namespace DeviceMqtt.Journal;

/// <summary>
/// Frames that are written, for others to be gathered in: as many as waited at once, and one fewer with each second since. A frame that grows anew leaves twice its bytes behind in large objects, for so many of which the collector
/// looks at the whole heap. What waits is bounded by bytes before it comes here, so these are. Under the journal's lock.
/// </summary>
/// <param name="frameBytes">What most frames have at most.</param>
internal sealed class FreeFrames(int frameBytes)
{
    /// <summary>Kept in any case: one is written while another gathers.</summary>
    public const int Least = 2;

    private readonly Stack<FrameBuffer> _free = new();
    private int _most; // waited at once
    private int _kept = Least;

    private int Kept => Math.Max(_kept, _most);

    /// <summary>One that is empty.</summary>
    /// <param name="waiting">So many others wait to be written.</param>
    public FrameBuffer Take(int waiting)
    {
        _most = Math.Max(_most, waiting);
        return _free.TryPop(out FrameBuffer? free) ? free : new FrameBuffer(frameBytes);
    }

    /// <summary>It is written. One of a message that was larger than most is not kept.</summary>
    public void Give(FrameBuffer frame)
    {
        if (_free.Count >= Kept || frame.Length > 2 * frameBytes)
            return;
        frame.Clear();
        _free.Push(frame);
    }

    /// <summary>Once a second: of those that were not needed one goes. Some segments are tidied up at once, and then none for as long as they are filled.</summary>
    public void Look()
    {
        (_kept, _most) = (Math.Max(Least, Math.Max(_kept - 1, _most)), 0);
        while (_free.Count > Kept)
            _ = _free.Pop();
    }
}
