using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Watching;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tracing;

/// <summary>
/// Finds messages. The ring is copied in slices, inside turns, and read outside: nobody waits for the reading. One search at a time, because
/// it takes as much memory as the ring.
/// </summary>
internal sealed class TraceSearch(TraceBook book, Turn turn) : IDisposable
{
    private const int CopyAtOnce = 1024;
    private readonly SemaphoreSlim _one = new(1, 1);

    /// <summary>What was found in the ring, newest first. Not shared: it may be read outside the turn.</summary>
    public async Task<TraceFound> FindAsync(TraceQuestion question, CancellationToken stop)
    {
        await _one.WaitAsync(stop);
        try
        {
            List<TraceEvent> events = await CopyAsync();
            long sinceMs = events.Count > 0 ? events[0].Ms : turn.MonotonicMs();
            HashSet<uint> wanted = Choose(question, events, turn.MonotonicMs() - (question.MinutesMax * 60_000L), out bool isMore);
            TraceStories stories = new(long.MaxValue);
            foreach (TraceEvent happened in events)
                stories.Take(happened, isWanted: wanted.Contains(happened.Number));
            return new TraceFound([.. stories.All.Reverse()], isMore, sinceMs);
        }
        finally
        {
            _ = _one.Release();
        }
    }

    /// <summary>What was kept by a rule, newest first. Inside a turn.</summary>
    public List<TraceStory> FindKept(TraceQuestion question, long nowMs)
    {
        List<TraceStory> found = [];
        for (LinkedListNode<TraceStory>? node = book.Kept.All.Last; node is not null && found.Count < question.Limit; node = node.Previous)
            if (nowMs - node.Value.AcceptedMs <= question.MinutesMax * 60_000L && IsAskedFor(question, node.Value))
                found.Add(node.Value);
        return found;
    }

    public void Dispose() => _one.Dispose();

    private async Task<List<TraceEvent>> CopyAsync()
    {
        List<TraceEvent> copy = [];
        if (book.Ring is not { } ring)
            return copy;
        long next = -1, end = 0;
        await TurnWork.StepAsync(turn, () =>
        {
            if (next < 0)
                (next, end) = (ring.First, ring.Next);
            next = Math.Max(next, ring.First); // the ring has gone on meanwhile
            for (int i = 0; i < CopyAtOnce && next < end; i++)
                copy.Add(ring.At(next++));
            return next < end;
        });
        return copy;
    }

    // The newest, as many as were asked for.
    private static HashSet<uint> Choose(TraceQuestion question, List<TraceEvent> events, long notBeforeMs, out bool isMore)
    {
        HashSet<uint> concerned = ConcernedBy(question, events);
        HashSet<uint> chosen = [];
        isMore = false;
        for (int i = events.Count - 1; i >= 0; i--)
        {
            TraceEvent happened = events[i];
            if (happened.Kind != TraceKind.Accepted)
                continue;
            if (happened.Ms < notBeforeMs)
                break;
            if ((question.ClientId is not null || question.CommandId is not null) && !concerned.Contains(happened.Number))
                continue;
            if (!Matches(question, happened.Topic))
                continue;
            if (chosen.Count == question.Limit)
            {
                isMore = true;
                break;
            }

            _ = chosen.Add(happened.Number);
        }

        return chosen;
    }

    private static HashSet<uint> ConcernedBy(TraceQuestion question, List<TraceEvent> events)
    {
        HashSet<uint> ofClient = [], ofCommand = [];
        if (question.ClientId is null && question.CommandId is null)
            return ofClient;
        foreach (TraceEvent happened in events)
        {
            if (question.ClientId is not null && happened.Number != 0 && happened.Name == question.ClientId)
                _ = ofClient.Add(happened.Number);
            if (question.CommandId is not null && happened.Kind == TraceKind.Named && happened.Topic == question.CommandId)
                _ = ofCommand.Add(happened.Number);
        }

        if (question.ClientId is not null && question.CommandId is not null)
            ofClient.IntersectWith(ofCommand);
        return question.ClientId is null ? ofCommand : ofClient;
    }

    private static bool IsAskedFor(TraceQuestion question, TraceStory story) =>
        (question.CommandId is null || story.CommandId == question.CommandId) && Matches(question, story.Topic)
        && (question.ClientId is null || story.Publisher == question.ClientId || story.Ways.Exists(way => way.Owner.Name == question.ClientId));

    private static bool Matches(TraceQuestion question, string? topic) =>
        question.Filter is not { } filter || (TopicName.TryParse(topic ?? "", out TopicName name, out _) && filter.Matches(name));
}
