namespace DeviceMqtt.Journal;

// Empty segments that a backlog has left: they count as room, so each goes before anything else is short of it. All of this on the committer's thread.
internal sealed partial class SegmentSet
{
    /// <summary>There is an empty segment too many: for the cap, or for others on the disk.</summary>
    public bool HasTooMuchSurplus
    {
        get
        {
            using (gate.EnterScope())
                return _spares.Surplus > 0 && (_spares.Surplus > _spares.SurplusMax || IsShort(0));
        }
    }

    /// <summary>One of those goes. On the committer's thread, between two commits.</summary>
    /// <returns>False when there was none.</returns>
    public bool DropOneOfTooMuch() => HasTooMuchSurplus && TryDropSurplus();

    /// <summary>All of those go.</summary>
    public void DropTooMuch()
    {
        while (DropOneOfTooMuch())
        {
            // The next.
        }
    }

    /// <summary>All empty segments go but those that are always kept: the disk is full, or may be.</summary>
    public void DropSurplus()
    {
        while (TryDropSurplus())
        {
            // The next.
        }
    }

    /// <summary>What is about to be written beside the segments finds its room within cap and floor, as far as surplus gives it.</summary>
    public void MakeRoomBeside(long bytes)
    {
        if (_spares.Surplus > 0)
            MeasureDisk();
        while (IsShort(bytes) && TryDropSurplus())
        {
            // The next.
        }
    }

    // Within the cap and the floor there is no room for so many bytes more, surplus counted.
    private bool IsShort(long bytes) => BytesUsed + SurplusBytes + bytes > options.BytesMax || FreeBytes - bytes < options.FreeFloorBytes;

    private bool TryDropSurplus()
    {
        string? name;
        using (gate.EnterScope())
            if (!_spares.TryTakeSurplus(out name))
                return false;
        DeleteUnfinished(storage, name);
        MeasureDisk();
        return true;
    }

    /// <summary>The disk said that it is full: what can be given back is, and nothing fits until the frame that was to be written does.</summary>
    public void SayFull()
    {
        Block(true);
        DropSurplus();
    }
}
