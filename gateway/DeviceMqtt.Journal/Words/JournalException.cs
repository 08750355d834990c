namespace DeviceMqtt.Journal;

/// <summary>A journal cannot be opened or read.</summary>
public sealed class JournalException(JournalFault fault, string message, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>What kind of reason.</summary>
    public JournalFault Fault { get; } = fault;
}
