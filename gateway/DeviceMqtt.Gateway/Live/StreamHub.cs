using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// What has changed, for all pages that are open: looked for once a second however many they are, and not at all when there is none. States of
/// all devices go to all; readings only to pages that show the device. A page that was away for less than a minute gets what it missed. Safe
/// from any thread.
/// </summary>
internal sealed class StreamHub(ConsoleSource source, DeviceList list, AnswerRoom room, ILogger log) : IDisposable
{
    /// <summary>Pages that may listen at once.</summary>
    public const int PagesMax = 64;

    /// <summary>Of them of one user, or one key.</summary>
    public const int PagesOfUserMax = PagesMax / 4;

    /// <summary>States that are told in one look. Beyond, pages are told to load anew: that is less. Chosen: some hundred devices.</summary>
    public const int StatesBytesMax = 256 * 1024;

    private const long KeptMs = 60_000;
    private const long KeptBytesMax = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly string _start = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamPage> _pages = new(StringComparer.Ordinal);
    private readonly Queue<StreamEvent> _kept = new();
    private readonly List<StreamPage> _toldNow = []; // of the look alone
    private readonly CancellationTokenSource _stopping = new();
    private readonly DeviceChanges _changes = new(source, list);
    private readonly StreamFrames _frames = new(room);
    private readonly PageGarbage _garbage = PageGarbage.OfRuntime();
    private Task _running = Task.CompletedTask;
    private long _keptBytes;
    private long _number;
    private long _messagesBefore;
    private long _beforeMs;
    private long _lost;
    private int _ended;
    private int _opened;
    private bool _isRunning;
    private bool _hasLooked;

    /// <summary>Pages that have begun to listen since the start. Safe from any thread.</summary>
    public int Opened => Volatile.Read(ref _opened);

    /// <summary>Events that pages did not take, and lost. Safe from any thread.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Pages that took nothing for too long, and were ended. Safe from any thread.</summary>
    public int Ended => Volatile.Read(ref _ended);

    /// <summary>A page begins to listen.</summary>
    /// <param name="caller">Whose page it is.</param>
    /// <param name="end">Ends its connection.</param>
    /// <param name="lastId">What it saw last; empty for nothing.</param>
    /// <param name="page">Its seat, with what it missed, or with the word to begin anew.</param>
    /// <returns>False when as many listen as may, or as may of that user.</returns>
    public bool TryOpen(Caller caller, Action end, string lastId, out StreamPage page)
    {
        page = new StreamPage(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), caller, _frames, end);
        lock (_lock)
        {
            if (_pages.Count >= PagesMax || _pages.Values.Count(p => p.Caller.Name == caller.Name) >= PagesOfUserMax || _stopping.IsCancellationRequested)
                return false;
            CatchUp(page, lastId);
            _pages.Add(page.Id, page);
            _opened++;
            if (!_isRunning)
            {
                _isRunning = true;
                _running = RunAsync(_running);
            }
        }

        return true;
    }

    /// <summary>Running time, in milliseconds.</summary>
    public long NowMs() => source.Broker.Turn.MonotonicMs();

    public StreamPage? Find(string id)
    {
        lock (_lock)
            return _pages.GetValueOrDefault(id);
    }

    public void Close(StreamPage page)
    {
        lock (_lock)
            _ = _pages.Remove(page.Id);
        page.Gone();
    }

    /// <summary>The page shows these now.</summary>
    public void Show(StreamPage page, IEnumerable<string> devices)
    {
        StreamView view = StreamView.Of(devices);
        lock (_lock)
            page.View = _pages.Values.Select(static other => other.View).FirstOrDefault(view.IsSame) ?? view;
    }

    public void Dispose()
    {
        if (_stopping.IsCancellationRequested)
            return;
        _stopping.Cancel();
        // It ends within a beat, and touches nothing that is disposed after this.
        _ = _running.ContinueWith(_ => _stopping.Dispose(), TaskScheduler.Default);
    }

    private void CatchUp(StreamPage page, string lastId)
    {
        string[] parts = lastId.Split('-');
        bool isKnown = parts.Length == 2 && parts[0] == _start && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out long last)
            && _isRunning && (last == _number || _kept.Any(kept => kept.Number == last + 1));
        if (!isKnown)
        {
            // Before the first look is over that would be too early: what changed between the list and the look would be told to nobody.
            if (_hasLooked)
                _ = page.Give(StreamEvent.Resync);
            return;
        }

        long after = long.Parse(parts[1], CultureInfo.InvariantCulture);
        foreach (StreamEvent missed in _kept.Where(kept => kept.Number > after))
            _ = page.Give(missed);
    }

    private async Task RunAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding); // it forgets what it told
        bool hasEnded = false; // a page that came since has another run, which waits for this one
        try
        {
            using PeriodicTimer timer = new(Interval, source.Time);
            await BeatAsync(isFirst: true);
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                if (hasEnded = HasEnded())
                {
                    await _changes.ForgetAsync();
                    return;
                }

                await BeatAsync(isFirst: false);
                _garbage.Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
        catch (Exception exception)
        {
            log.StreamFailed(exception);
            if (hasEnded)
                return;
            lock (_lock)
                _isRunning = _hasLooked = false; // the next page begins anew
        }
    }

    private bool HasEnded()
    {
        lock (_lock)
        {
            if (_pages.Count > 0)
                return false;
            // Nobody listens: what was kept is too old by the time that somebody does.
            _isRunning = _hasLooked = false;
            _kept.Clear();
            _keptBytes = 0;
            return true;
        }
    }

    private async Task BeatAsync(bool isFirst)
    {
        ChangesFound now = await _changes.LookAsync(isFirst);
        StreamView[] views;
        lock (_lock)
        {
            views = [.. _pages.Values.Select(static page => page.View).Distinct()];
            _hasLooked = true;
        }

        TellStates(now.States);
        if (now.HasGone || isFirst)
            Tell("resync", "{}"u8.ToArray(), isKept: now.HasGone); // a page that comes back would go on showing what is gone
        foreach (StreamView view in views)
            if (TurnWork.Read(source.Broker.Turn, () => _changes.SpokenOf(view)) is { Count: > 0 } spoken)
                foreach (byte[] json in RowFrames.Of(spoken))
                    Tell("rows", json, isKept: false, view);
        Tell("tick", JsonSerializer.SerializeToUtf8Bytes(TickOf(now), ApiJson.Default.Tick), isKept: false);
        EndStalled();
    }

    private void TellStates(IReadOnlyList<DeviceShapes.Row> states)
    {
        List<byte[]> told = [];
        long bytes = 0;
        foreach (byte[] json in RowFrames.Of(states))
        {
            bytes += json.Length;
            if (bytes > StatesBytesMax)
            {
                // Kept: a page that comes back has to load anew, too.
                Tell("resync", "{}"u8.ToArray(), isKept: true);
                return;
            }

            told.Add(json);
        }

        foreach (byte[] json in told)
            Tell("states", json, isKept: true);
    }

    private void EndStalled()
    {
        long nowMs = source.Broker.Turn.MonotonicMs();
        lock (_lock)
        {
            _toldNow.Clear();
            _toldNow.AddRange(_pages.Values);
        }

        foreach (StreamPage page in _toldNow)
        {
            if (!page.EndIfStalled(nowMs))
                continue;
            _ = Interlocked.Increment(ref _ended);
            log.StreamPageEnded(page.Caller.Name, StreamPage.StallMs / 1000, page.Lost);
        }

        _toldNow.Clear();
    }

    private GatewayShapes.Tick TickOf(ChangesFound now)
    {
        long messages = TurnWork.Read(source.Broker.Turn, () => source.Broker.Counters.MessagesReceived);
        long nowMs = source.Broker.Turn.MonotonicMs();
        double rate = _beforeMs == 0 || nowMs <= _beforeMs ? 0 : (messages - _messagesBefore) * 1000.0 / (nowMs - _beforeMs);
        (_messagesBefore, _beforeMs) = (messages, nowMs);
        return new GatewayShapes.Tick(source.NowUnixMs, now.Facets, now.Notes.Count(static n => n.Level != NoteLevel.Info), source.Uplinks.Count(static u => u.Status.State != UplinkState.Connected), Math.Round(rate, 1));
    }

    // Who gets it is settled together with its number: a page that comes back before has it from here, one that comes back after from what is kept, and none has it from neither.
    private void Tell(string name, byte[] json, bool isKept, StreamView? view = null)
    {
        StreamEvent next;
        lock (_lock)
        {
            long number = isKept ? ++_number : 0;
            next = new StreamEvent(number, StreamEvent.FrameOf(name, isKept ? string.Create(CultureInfo.InvariantCulture, $"{_start}-{number}") : null, json), source.Broker.Turn.MonotonicMs());
            if (isKept)
                Keep(next);
            _toldNow.Clear();
            foreach (StreamPage page in _pages.Values)
                if (view is null || page.View == view)
                    _toldNow.Add(page);
        }

        foreach (StreamPage page in _toldNow)
        {
            bool isFirst = page.Lost == 0;
            int lost = page.Give(next);
            if (lost == 0)
                continue;
            _ = Interlocked.Add(ref _lost, lost);
            if (isFirst)
                log.StreamPageSlow(page.Caller.Name, lost, StreamPage.WaitingMax, StreamPage.WaitingBytesMax);
        }

        _toldNow.Clear();
    }

    private void Keep(StreamEvent next)
    {
        _kept.Enqueue(next);
        _keptBytes += next.Frame.Length;
        while (_kept.TryPeek(out StreamEvent? oldest) && (_keptBytes > KeptBytesMax || next.MadeMs - oldest.MadeMs > KeptMs))
            _keptBytes -= _kept.Dequeue().Frame.Length;
    }
}
