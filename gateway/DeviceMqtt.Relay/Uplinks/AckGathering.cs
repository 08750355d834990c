namespace DeviceMqtt.Relay.Uplinks;

/// <summary>
/// How long one read waits for more acknowledgements: until about half of what is in flight has its own. The upstream works on the other half meanwhile, and a read that brings fifty
/// acknowledgements costs little more than one that brings one. Nothing that leaves waits for that: while there is room in the window a message leaves at once, and where nothing waits for room there
/// is no gathering. What it takes is learned: longer while less than half comes, shorter as soon as most of it does, because then the upstream may have stood still. Where the longest wait brings few,
/// the way to the upstream is what takes the time, and a wait would make it longer: none for a while.
/// </summary>
internal sealed class AckGathering
{
    private const int InFlightLeast = 32; // measured: with a window of 20 the wait takes longer than what it saves (gateway/docs/performance.md)
    private const int StepUs = 20;
    private const int Few = 8; // of the longest wait. Chosen: 8,000 answers a second, each read by itself, are a twentieth of a core
    private const int RestReads = 100; // chosen: until the next try, which costs some reads of a wait each
    private int _rest;

    /// <summary>The most. Chosen: a command that comes down in the middle of a flood of acknowledgements waits for that, and nobody notices.</summary>
    public const int MostUs = 1_000;

    /// <summary>Microseconds to wait behind the first bytes of the next read.</summary>
    public int WaitUs { get; private set; }

    /// <summary>One read was handled.</summary>
    /// <param name="inFlight">Messages in flight before it.</param>
    /// <param name="answered">Of them, those that it brought an answer for.</param>
    /// <param name="moreWait">Messages wait for room in the window.</param>
    public void Learn(int inFlight, int answered, bool moreWait)
    {
        if (_rest > 0)
            _rest--;
        else if (!moreWait || inFlight < InFlightLeast)
            WaitUs = 0;
        else if (WaitUs == MostUs && answered is > 0 and < Few)
            (WaitUs, _rest) = (0, RestReads);
        else if (answered * 4 > inFlight * 3)
            WaitUs /= 2;
        else if (answered > 0 && answered * 2 < inFlight)
            WaitUs = Math.Min(MostUs, WaitUs + StepUs + (WaitUs / 8));
    }
}
