using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// Counts the frames that wait for pages or are on their way to them, once for each user that has them, in what all answers have (<see cref="AnswerRoom"/>). Safe from any thread.
/// </summary>
internal sealed class StreamFrames(AnswerRoom room)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<((string Name, bool IsKey, ConsoleRole Role) Caller, StreamEvent Frame), int> _pages = [];

    /// <summary>A page holds a frame.</summary>
    /// <returns>False when its user may hold no more.</returns>
    public bool TryHold(Caller caller, StreamEvent frame)
    {
        lock (_lock)
        {
            int pages = _pages.GetValueOrDefault((caller.Identity, frame));
            if (pages == 0 && !room.TryTake(caller, frame.Frame.Length, mayBeMore: false))
                return false;
            _pages[(caller.Identity, frame)] = pages + 1;
            return true;
        }
    }

    public void Release(Caller caller, StreamEvent frame)
    {
        lock (_lock)
        {
            int pages = _pages[(caller.Identity, frame)] - 1;
            if (pages > 0)
            {
                _pages[(caller.Identity, frame)] = pages;
                return;
            }

            _ = _pages.Remove((caller.Identity, frame));
            room.Give(caller, frame.Frame.Length);
        }
    }
}
