namespace DeviceMqtt.Broker.Turns;

/// <summary>
/// The sends at the end of a turn. Who publishes does not choose for how many: a message for five hundred clients is five hundred sends. While sends take more than half of the time, those to
/// the clients of a user that has had its share wait, if others have something sent, too: until the thread of the sockets has nothing else to do, or until they have waited for long enough. What is
/// written for them meanwhile leaves together, and a send costs about the same for one message or ten. Owned by the turn.
/// </summary>
/// <param name="time">What tells how long they take.</param>
/// <param name="takeTurn">Takes a turn, at the end of which some leave that have waited long enough. Called on any thread.</param>
internal sealed class Sends(TimeProvider time, Action takeTurn)
{
    // Below it nobody waits, and shares would only leave the time unused. Chosen.
    private const int AllPercent = 50;
    private const int WaitUsMax = 20_000; // chosen: nobody sees it on a screen
    private const int OthersUs = 20_000; // chosen: a board that has sent something is there for so long
    private const int AtOnceMax = 32; // chosen: it takes less than a hundred microseconds, and then others have their turn, or the clock is looked at
    private const int FewMax = 8; // chosen: a look at the clock costs too much for them, and they are no cost to anybody
    private readonly SendShare _all = new(AllPercent);
    private readonly SendShare _nobody = new(percent: 100);
    private readonly List<SendShare> _late = []; // those with some that wait, in the order in which they go on
    private readonly HashSet<IFlushed> _unflushed = []; // of those that wait: something was written since the last FlushEarly
    private readonly List<SendShare> _charged = []; // since the last look at the clock
    private SendShare? _latest; // to whose clients something was sent last
    private long _latestUs;
    private long _otherUs; // when something was sent to those of another
    private ITimer? _timer;
    private bool _isTimed;
    private int _lateCount;

    /// <summary>Some wait. From any thread.</summary>
    public bool HasLate => Volatile.Read(ref _lateCount) > 0;

    /// <summary>Nobody else wants the time at the moment: the end of the turn has some of those that wait leave.</summary>
    public bool IsIdle { get; set; }

    /// <summary>The end of a turn.</summary>
    /// <param name="touched">Those that were written to; more may come to it meanwhile.</param>
    /// <param name="beganUs">Microseconds of the clock at the beginning of the turn.</param>
    public void Leave(List<IFlushed> touched, long beganUs)
    {
        if (touched.Count < FewMax && _lateCount == 0)
            LeaveFew(touched, beganUs);
        else
            LeaveMany(touched);
        touched.Clear();
        IsIdle = false;
    }

    /// <inheritdoc cref="IFlushed.FlushEarly"/>
    public void FlushEarly()
    {
        foreach (IFlushed output in _unflushed)
            output.FlushEarly();
        _unflushed.Clear();
    }

    /// <summary>Something was written to one that waits, and that had nothing more to flush.</summary>
    public void Wrote(IFlushed late) => _ = _unflushed.Add(late);

    private void LeaveFew(List<IFlushed> touched, long beganUs)
    {
        for (int i = 0; i < touched.Count; i++)
        {
            See(touched[i].Share ?? _nobody, beganUs);
            touched[i].Flush();
        }
    }

    private void LeaveMany(List<IFlushed> touched)
    {
        long nowUs = NowUs();
        if (_late.Count > 0)
            LeaveLate(ref nowUs); // first: what they take from their backlogs then leaves below
        bool isScarce = _all.IsUsedUp(nowUs);
        int sent = 0;
        for (int i = 0; i < touched.Count; i++)
        {
            IFlushed output = touched[i];
            SendShare share = output.Share ?? _nobody;
            See(share, nowUs);
            if (isScarce && output.IsPatient && share != _nobody && HasOthers(share, nowUs) && (share.HasLate || share.IsUsedUp(nowUs)))
            {
                Wait(share, output, nowUs);
                continue;
            }

            Flush(share, output);
            if (++sent < AtOnceMax)
                continue;
            Charge(ref nowUs);
            isScarce = _all.IsUsedUp(nowUs);
            sent = 0;
        }

        Charge(ref nowUs);
        if (_late.Count > 0 && !Volatile.Read(ref _isTimed))
            ComeBack(nowUs);
    }

    // Some at a time, and each user in its turn: those who have had one go behind those who have not, and may have waited for longer than these.
    private void LeaveLate(ref long nowUs)
    {
        int sent = 0;
        int at = 0;
        for (int looks = _late.Count; looks > 0 && sent < AtOnceMax; looks--)
        {
            SendShare share = _late[at];
            if (!IsIdle && nowUs - share.LateSinceUs < WaitUsMax)
            {
                at++;
                continue;
            }

            _late.RemoveAt(at);
            LeaveLate(share, ref sent);
            if (share.HasLate)
                _late.Add(share);
        }

        Charge(ref nowUs);
    }

    private void LeaveLate(SendShare share, ref int sent)
    {
        while (sent < AtOnceMax && share.HasLate)
        {
            Volatile.Write(ref _lateCount, _lateCount - 1);
            IFlushed output = share.Next();
            _ = _unflushed.Remove(output);
            if (!output.IsLate)
                continue; // it has left
            Flush(share, output);
            sent++;
        }
    }

    private void Flush(SendShare share, IFlushed output)
    {
        output.Flush();
        if (share.Sent++ == 0)
            _charged.Add(share);
    }

    private void Charge(ref long nowUs)
    {
        if (_charged.Count == 0)
            return;
        long beganUs = nowUs;
        nowUs = NowUs();
        int sent = 0;
        foreach (SendShare share in _charged)
            sent += share.Sent;
        foreach (SendShare share in _charged)
        {
            share.Charge(nowUs, (nowUs - beganUs) * share.Sent / sent);
            share.Sent = 0;
        }

        _charged.Clear();
        _all.Charge(nowUs, nowUs - beganUs);
    }

    private void Wait(SendShare share, IFlushed output, long nowUs)
    {
        if (!share.HasLate)
            _late.Add(share);
        output.IsLate = true;
        share.Wait(output, nowUs);
        _ = _unflushed.Add(output);
        Volatile.Write(ref _lateCount, _lateCount + 1);
    }

    private void See(SendShare share, long nowUs)
    {
        if (share != _latest)
            (_latest, _otherUs) = (share, _latestUs);
        _latestUs = nowUs;
    }

    private bool HasOthers(SendShare share, long nowUs) => nowUs - (share == _latest ? _otherUs : _latestUs) < OthersUs;

    // Where the thread of the sockets does not come before: it may have none of these.
    private void ComeBack(long nowUs)
    {
        long waitUs = WaitUsMax - (nowUs - _late.Min(static share => share.LateSinceUs));
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
