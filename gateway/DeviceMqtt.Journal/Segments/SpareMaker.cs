namespace DeviceMqtt.Journal;

/// <summary>
/// Makes zero-filled segments ahead of need, beside the frames: in idle time, and when the active segment is half full and
/// there is no spare. A journal that grows under load would else write its zeros and its records at the same time, and
/// everybody would wait for both. Advanced by the committer.
/// </summary>
internal sealed class SpareMaker(IJournalStorage storage, SegmentSet segments, JournalOptions options, Lock gate, Action wake)
{
    private Task<string?>? _making;
    private long _gaveUpAt;

    /// <param name="isIdle">Nothing is to be written now.</param>
    /// <param name="mayBegin">False while a frame waits for room: what is being made is only taken over.</param>
    public void Advance(bool isIdle, bool mayBegin)
    {
        if (_making is { IsCompleted: true })
            Complete();
        if (!mayBegin || _making is not null || !IsWanted(isIdle))
            return;
        segments.CheckInPlace();
        string name = FileNames.Spare(segments.TakeNumber());
        using (gate.EnterScope())
            segments.IsMakingSpare = true;
        _making = Task.Run(() => Make(name));
        _ = _making.ContinueWith(_ => wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>The journal stops: what is being made is waited for.</summary>
    public void Finish()
    {
        if (_making is null)
            return;
        ((IAsyncResult)_making).AsyncWaitHandle.WaitOne();
        Complete();
    }

    /// <summary>The journal has failed: what is being made ends before another may have the folder.</summary>
    public void Settle() => (_making as IAsyncResult)?.AsyncWaitHandle.WaitOne();

    private bool IsWanted(bool isIdle)
    {
        if (segments.Active is not { } active || segments.SpareCount >= options.SparesMax || _gaveUpAt == active.Number)
            return false;
        bool isNeededSoon = segments.SpareCount == 0 && active.End > active.Capacity / 2;
        if (!isIdle && !isNeededSoon)
            return false;
        segments.MeasureDisk();
        return segments.CanGrow;
    }

    private void Complete()
    {
        string? name = _making!.GetAwaiter().GetResult();
        _making = null;
        segments.MeasureDisk();
        using (gate.EnterScope())
        {
            segments.IsMakingSpare = false;
            if (name is not null)
                segments.AddMadeSpare(name);
            else
                _gaveUpAt = segments.Active!.Number; // not again before it is needed
        }
    }

    /// <returns>Null when there is no room, or no file handle.</returns>
    private string? Make(string name)
    {
        try
        {
            // Under its name from the beginning: one that was not finished is too short, and is deleted at the next start.
            using IJournalFile file = storage.Create(name, options.SegmentBytes);
            file.Sync();
            return name;
        }
        catch (IOException exception) when (HandlesExhausted.Is(exception))
        {
            return null;
        }
        catch (IOException exception) when (DiskFull.Is(exception))
        {
            SegmentSet.DeleteUnfinished(storage, name);
            return null;
        }
    }
}
