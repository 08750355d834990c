namespace DeviceMqtt.Broker.Turns;

/// <summary>The sends at the end of a turn, and those that wait for a later one (<see cref="SendShare"/>). Owned by the turn.</summary>
/// <param name="time">What tells how long each takes.</param>
/// <param name="takeTurn">Takes a turn, at the end of which those leave that have waited long enough. Called on any thread.</param>
internal sealed class Sends(TimeProvider time, Action takeTurn)
{
    private const int AllPercent = 50; // chosen: below it nobody waits, and shares would only leave the time unused
    private readonly SendShare _all = new(AllPercent);
    private readonly List<SendShare> _late = []; // those with some that wait
    private ITimer? _timer;
    private bool _isTimed;

    /// <summary>The end of a turn.</summary>
    /// <param name="touched">Those that were written to; more may come to it meanwhile.</param>
    public void Leave(List<IFlushed> touched)
    {
        long nowUs = touched.Count > 0 || _late.Count > 0 ? NowUs() : 0;
        if (_late.Count > 0)
            LeaveLate(ref nowUs);
        for (int i = 0; i < touched.Count; i++)
        {
            IFlushed output = touched[i];
            if (output.Share is not { } share)
            {
                output.Flush();
                nowUs = NowUs();
            }
            else if (share.HasLate || HasToWait(share, nowUs))
                Wait(share, output);
            else
                Send(share, output, ref nowUs);
        }

        touched.Clear();
        if (_late.Count > 0 && !Volatile.Read(ref _isTimed))
            ComeBack();
    }

    /// <inheritdoc cref="IFlushed.FlushEarly"/>
    public void FlushEarly()
    {
        foreach (SendShare share in _late)
            foreach (IFlushed output in share.Late)
                output.FlushEarly();
    }

    private bool HasToWait(SendShare share, long nowUs) => _all.IsUsedUp(nowUs) && share.IsUsedUp(nowUs);

    private void Wait(SendShare share, IFlushed output)
    {
        if (!share.HasLate)
            _late.Add(share);
        share.Wait(output);
    }

    private void Send(SendShare share, IFlushed output, ref long nowUs)
    {
        long beganUs = nowUs;
        output.Flush();
        nowUs = NowUs();
        share.Charge(nowUs, nowUs - beganUs);
        _all.Charge(nowUs, nowUs - beganUs);
    }

    // A share that is free has all of its own leave, or so many that it is used up again.
    private void LeaveLate(ref long nowUs)
    {
        for (int i = _late.Count - 1; i >= 0; i--)
        {
            SendShare share = _late[i];
            while (share.HasLate && !HasToWait(share, nowUs))
                Send(share, share.Next(), ref nowUs);
            if (!share.HasLate)
                _late.RemoveAt(i);
        }
    }

    // Somebody else's turn may come before, and has them leave as well as this one.
    private void ComeBack()
    {
        long nowUs = NowUs();
        long waitUs = _late.Min(static share => share.FreeAtUs) - nowUs;
        Volatile.Write(ref _isTimed, true);
        _timer ??= time.CreateTimer(static sends => ((Sends)sends!).TakeTurn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _ = _timer.Change(TimeSpan.FromMilliseconds(Math.Max(1, (waitUs / 1000) + 1)), Timeout.InfiniteTimeSpan);
    }

    private void TakeTurn()
    {
        Volatile.Write(ref _isTimed, false);
        takeTurn();
    }

    private long NowUs() => (long)(time.GetTimestamp() * (1_000_000.0 / time.TimestampFrequency));
}
