using System.Threading.Channels;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// One page that listens to the stream, with the devices that it shows. What waits for it is bounded, in events and in bytes: a page that does not take it loses it, and is told to
/// load anew instead. One that takes nothing for <see cref="StallMs"/> is to be ended. Safe from any thread.
/// </summary>
/// <param name="caller">Whose it is.</param>
/// <param name="frames">Where its bytes count.</param>
/// <param name="end">Ends its connection.</param>
internal sealed class StreamPage(string id, Caller caller, StreamFrames frames, Action end)
{
    /// <summary>Events that wait for one page.</summary>
    public const int WaitingMax = 64;

    /// <summary>Bytes that wait for one page. Chosen: all states that are told at once, and all rows in view, together.</summary>
    public const int WaitingBytesMax = 512 * 1024;

    /// <summary>A page that has not taken a frame for so long ends. Chosen: a frame has 64 KB or little more, and who needs longer for it never has the newest state.</summary>
    public const long StallMs = 20_000;

    private readonly Lock _lock = new();
    private readonly Queue<StreamEvent> _waiting = [];
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { SingleReader = true, FullMode = BoundedChannelFullMode.DropWrite });
    private volatile StreamView _view = StreamView.Nothing;
    private StreamEvent? _onItsWay;
    private long _onItsWaySinceMs;
    private long _waitingBytes;
    private bool _isClosed;

    public string Id => id;

    /// <summary>Whose it is.</summary>
    public Caller Caller => caller;

    /// <summary>What it shows.</summary>
    public StreamView View { get => _view; set => _view = value; }

    /// <summary>Events that it has lost.</summary>
    public long Lost { get; private set; }

    /// <summary>Gives it an event.</summary>
    /// <returns>How many events it has lost by that: it does not take them, and is told to begin anew.</returns>
    public int Give(StreamEvent next)
    {
        int lost = 0;
        lock (_lock)
        {
            if (_isClosed)
                return 0;
            if (_waiting.Count < WaitingMax && _waitingBytes + next.Frame.Length <= WaitingBytesMax && TryHold(next))
            {
                _waiting.Enqueue(next);
                _waitingBytes += next.Frame.Length;
            }
            else
            {
                lost = _waiting.Count(static waiting => waiting != StreamEvent.Resync) + 1;
                Lost += lost;
                Clear();
                _waiting.Enqueue(StreamEvent.Resync);
            }
        }

        _ = _wake.Writer.TryWrite(true);
        return lost;
    }

    /// <summary>The next event for it; the one before it is with the kernel. One reader.</summary>
    /// <param name="nowMs">Running time, asked when there is one.</param>
    /// <param name="gone">The page is not there any more.</param>
    public async Task<StreamEvent> NextAsync(Func<long> nowMs, CancellationToken gone)
    {
        while (true)
        {
            lock (_lock)
            {
                Release(_onItsWay);
                _onItsWay = null;
                if (!_isClosed && _waiting.TryDequeue(out StreamEvent? next))
                {
                    _waitingBytes -= next == StreamEvent.Resync ? 0 : next.Frame.Length;
                    (_onItsWay, _onItsWaySinceMs) = (next, nowMs());
                    return next;
                }
            }

            _ = await _wake.Reader.ReadAsync(gone);
        }
    }

    /// <summary>Ends its connection, if it has taken nothing for too long.</summary>
    /// <returns>True when it was ended by that.</returns>
    public bool EndIfStalled(long nowMs)
    {
        lock (_lock)
            if (_isClosed || _onItsWay is null || nowMs - _onItsWaySinceMs < StallMs)
                return false;
        Close();
        end();
        return true;
    }

    /// <summary>It listens no more; more than once is as good as once. What is on its way to it counts until <see cref="Gone"/>.</summary>
    public void Close()
    {
        lock (_lock)
        {
            _isClosed = true;
            Clear();
        }
    }

    /// <summary>Its connection has ended.</summary>
    public void Gone()
    {
        Close();
        lock (_lock)
        {
            Release(_onItsWay);
            _onItsWay = null;
        }
    }

    private void Clear()
    {
        while (_waiting.TryDequeue(out StreamEvent? lost))
            Release(lost);
        _waitingBytes = 0;
    }

    // One for all, which lasts as long as the process.
    private bool TryHold(StreamEvent frame) => frame == StreamEvent.Resync || frames.TryHold(caller, frame);

    private void Release(StreamEvent? frame)
    {
        if (frame is not null && frame != StreamEvent.Resync)
            frames.Release(caller, frame);
    }
}
