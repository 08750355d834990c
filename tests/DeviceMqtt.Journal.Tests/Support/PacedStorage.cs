namespace DeviceMqtt.Journal.Tests;

/// <summary>A disk on which the journal works when the test says so, on the thread of the test.</summary>
internal sealed class PacedStorage(MemoryStorage memory) : WatchedStorage(memory), IPacedStorage
{
    private readonly List<(Action Work, TimeSpan Delay)> _later = [];

    public void Later(Action work, TimeSpan delay) => _later.Add((work, delay));

    /// <summary>Does what is to be done now; where there is nothing of that, what waits for its time.</summary>
    /// <returns>False when there was nothing.</returns>
    public bool Step()
    {
        if (_later.Count == 0)
            return false;
        int next = Math.Max(0, _later.FindIndex(static l => l.Delay == TimeSpan.Zero));
        Action work = _later[next].Work;
        _later.RemoveAt(next);
        work();
        return true;
    }

    /// <summary>Goes on until something is so.</summary>
    /// <returns>False when it is not within so many steps, or there is nothing more to do.</returns>
    public bool StepUntil(Func<bool> isSo, int stepsMax = 10_000)
    {
        for (int i = 0; i < stepsMax && !isSo(); i++)
            if (!Step())
                return isSo();
        return isSo();
    }

    /// <summary>Commits what was appended.</summary>
    /// <returns>False when there is no room for it.</returns>
    public bool Commit(RecordJournal journal)
    {
        journal.Commit();
        return StepUntil(() => journal.DurablePosition == journal.LastPosition, stepsMax: 1000);
    }
}
