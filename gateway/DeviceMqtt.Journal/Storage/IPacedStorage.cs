namespace DeviceMqtt.Journal;

/// <summary>
/// A storage that says when the journal works on it. The journal then has no thread of its own: for a simulation, in which
/// one scheduler decides the order of everything.
/// </summary>
public interface IPacedStorage : IJournalStorage
{
    /// <summary>Runs the work once, after the delay, and never inside this call.</summary>
    void Later(Action work, TimeSpan delay);
}
