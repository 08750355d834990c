namespace DeviceMqtt.Relay.Uplinks;

/// <summary>
/// How long one read waits for more acknowledgements: until about half of what is in flight has its own. The upstream works on the other half meanwhile, and a read that brings fifty
/// acknowledgements costs little more than one that brings one. Nothing that leaves waits for that: while there is room in the window a message leaves at once, and where nothing waits for room there
/// is no gathering. What it takes is learned: longer while less than half comes, shorter as soon as most of it does, because then the upstream may have stood still.
/// </summary>
internal sealed class AckGathering
{
    private const int InFlightLeast = 8; // chosen: of less there is nothing to gather
    private const int StepUs = 20;

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
        if (!moreWait || inFlight < InFlightLeast)
            WaitUs = 0;
        else if (answered * 4 > inFlight * 3)
            WaitUs /= 2;
        else if (answered > 0 && answered * 2 < inFlight)
            WaitUs = Math.Min(MostUs, WaitUs + StepUs + (WaitUs / 8));
    }
}
