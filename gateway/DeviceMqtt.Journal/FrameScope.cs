namespace DeviceMqtt.Journal;

/// <summary>What is appended until <see cref="Dispose"/> is durable together or not at all.</summary>
public readonly ref struct FrameScope
{
    private readonly RecordJournal? _journal;

    internal FrameScope(RecordJournal journal) => _journal = journal;

    public void Dispose() => _journal?.EndFrame();
}
