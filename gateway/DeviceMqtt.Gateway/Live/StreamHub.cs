using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using DeviceMqtt.Gateway.Doctor;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Relay.Uplinks;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// What has changed, for all pages that are open: looked for once a second however many they are, and not at all when there is none. States of
/// all devices go to all; readings only to pages that show the device. A page that was away for less than a minute gets what it missed. Safe
/// from any thread.
/// </summary>
internal sealed class StreamHub(ConsoleSource source, DeviceList list, ILogger log) : IDisposable
{
    /// <summary>Pages that may listen at once.</summary>
    public const int PagesMax = 64;

    /// <summary>Of them of one user, or one key.</summary>
    public const int PagesOfUserMax = PagesMax / 4;

    private const long KeptMs = 60_000;
    private const long KeptBytesMax = 1024 * 1024;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly string _start = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamPage> _pages = new(StringComparer.Ordinal);
    private readonly Queue<StreamEvent> _kept = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Dictionary<string, DeviceShapes.Row> _before = new(StringComparer.Ordinal);
    private Task _running = Task.CompletedTask;
    private long _keptBytes;
    private long _number;
    private long _messagesBefore;
    private long _beforeMs;
    private bool _isRunning;

    /// <summary>A page begins to listen.</summary>
    /// <param name="user">Whose page it is.</param>
    /// <param name="lastId">What it saw last; empty for nothing.</param>
    /// <param name="page">Its seat, with what it missed, or with the word to begin anew.</param>
    /// <returns>False when as many listen as may, or as may of that user.</returns>
    public bool TryOpen(string user, string lastId, out StreamPage page)
    {
        page = new StreamPage(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)), user);
        lock (_lock)
        {
            if (_pages.Count >= PagesMax || _pages.Values.Count(p => p.User == user) >= PagesOfUserMax || _stopping.IsCancellationRequested)
                return false;
            CatchUp(page, lastId);
            _pages.Add(page.Id, page);
            if (!_isRunning)
            {
                _isRunning = true;
                _running = Task.Run(RunAsync);
            }
        }

        return true;
    }

    public StreamPage? Find(string id)
    {
        lock (_lock)
            return _pages.GetValueOrDefault(id);
    }

    public void Close(StreamPage page)
    {
        lock (_lock)
            _ = _pages.Remove(page.Id);
    }

    public string IdOf(StreamEvent sent) => string.Create(CultureInfo.InvariantCulture, $"{_start}-{sent.Number}");

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
            page.Give(StreamEvent.Resync);
            return;
        }

        long after = long.Parse(parts[1], CultureInfo.InvariantCulture);
        foreach (StreamEvent missed in _kept.Where(kept => kept.Number > after))
            page.Give(missed);
    }

    private async Task RunAsync()
    {
        try
        {
            using PeriodicTimer timer = new(Interval, source.Time);
            bool isFirst = true;
            while (await timer.WaitForNextTickAsync(_stopping.Token))
            {
                lock (_lock)
                {
                    if (_pages.Count == 0)
                    {
                        // Nobody listens: what was kept is too old by the time that somebody does.
                        _isRunning = false;
                        _kept.Clear();
                        _keptBytes = 0;
                        _before.Clear();
                        _before.TrimExcess();
                        return;
                    }
                }

                await BeatAsync(isFirst);
                isFirst = false;
            }
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
        catch (Exception exception)
        {
            log.StreamFailed(exception);
            lock (_lock)
                _isRunning = false; // the next page begins anew
        }
    }

    private async Task BeatAsync(bool isFirst)
    {
        DeviceSnapshot now = await list.GetAsync();
        List<DeviceShapes.Row> states = [];
        List<DeviceShapes.Row> heard = [];
        foreach (DeviceShapes.Row row in now.Rows)
        {
            if (!_before.TryGetValue(row.Key, out DeviceShapes.Row? before) || IsOther(before, row))
                states.Add(row);
            else if (before.Heard != row.Heard)
                heard.Add(row);
            if (!ReferenceEquals(before, row))
                _before[row.Key] = row;
        }

        bool hasGone = _before.Count > now.Rows.Count;
        if (hasGone)
            Forget(now.Rows);
        List<StreamPage> pages;
        lock (_lock)
            pages = [.. _pages.Values];
        if (!isFirst && states.Count > 0)
            Tell(pages, "states", JsonSerializer.SerializeToUtf8Bytes(states, ApiJson.Default.DeviceRows), isKept: true);
        if (hasGone)
            Tell(pages, "resync", "{}"u8.ToArray(), isKept: false);
        foreach (StreamPage page in pages)
        {
            IReadOnlyList<DeviceShapes.Row> seen = [.. heard.Where(row => page.Shows(row.Key))];
            if (seen.Count > 0)
                page.Give(new StreamEvent(0, "rows", JsonSerializer.SerializeToUtf8Bytes(seen, ApiJson.Default.DeviceRows), now.MadeMs));
        }

        Tell(pages, "tick", JsonSerializer.SerializeToUtf8Bytes(TickOf(now), ApiJson.Default.Tick), isKept: false);
    }

    private void Forget(IReadOnlyList<DeviceShapes.Row> there)
    {
        HashSet<string> keys = there.Select(static row => row.Key).ToHashSet(StringComparer.Ordinal);
        foreach (string key in _before.Keys)
            if (!keys.Contains(key))
                _ = _before.Remove(key);
    }

    private static bool IsOther(DeviceShapes.Row a, DeviceShapes.Row b) =>
        a.State != b.State || !DeviceRows.IsNear(a.Since, b.Since) || a.Waiting != b.Waiting || a.Notes != b.Notes || a.Address != b.Address || !DeviceRows.IsNear(a.Until, b.Until) || a.Firmware != b.Firmware || a.ClientId != b.ClientId;

    private GatewayShapes.Tick TickOf(DeviceSnapshot now)
    {
        long messages = TurnWork.Read(source.Broker.Turn, () => source.Broker.Counters.MessagesReceived);
        long nowMs = source.Broker.Turn.MonotonicMs();
        double rate = _beforeMs == 0 || nowMs <= _beforeMs ? 0 : (messages - _messagesBefore) * 1000.0 / (nowMs - _beforeMs);
        (_messagesBefore, _beforeMs) = (messages, nowMs);
        return new GatewayShapes.Tick(source.NowUnixMs, now.Facets, now.Notes.Count(static n => n.Level != NoteLevel.Info), source.Uplinks.Count(static u => u.Status.State != UplinkState.Connected), Math.Round(rate, 1));
    }

    private void Tell(List<StreamPage> pages, string name, byte[] json, bool isKept)
    {
        StreamEvent next;
        lock (_lock)
        {
            next = new StreamEvent(isKept ? ++_number : 0, name, json, source.Broker.Turn.MonotonicMs());
            if (isKept)
                Keep(next);
        }

        foreach (StreamPage page in pages)
            page.Give(next);
    }

    private void Keep(StreamEvent next)
    {
        _kept.Enqueue(next);
        _keptBytes += next.Json.Length;
        while (_kept.TryPeek(out StreamEvent? oldest) && (_keptBytes > KeptBytesMax || next.MadeMs - oldest.MadeMs > KeptMs))
            _keptBytes -= _kept.Dequeue().Json.Length;
    }
}
