namespace DeviceMqtt.Journal;

/// <summary>
/// A storage that says when the journal works on it. The journal then has no thread of its own: for a simulation, in which
/// one scheduler decides the order of everything.
/// </summary>
public interface IPacedStorage : IJournalStorage
{
    /// <summary>Runs the work once, after the delay, and never inside this call.</summary>
    void Later(Action work, TimeSpan delay);

    /// <summary>Whether a frame ends before the next record, where nothing holds the two together: a power cut may come between any two of those.</summary>
    bool EndsFrame => false;
}
