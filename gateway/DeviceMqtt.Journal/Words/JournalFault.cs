namespace DeviceMqtt.Journal;

/// <summary>Why a journal cannot be opened.</summary>
public enum JournalFault
{
    /// <summary>Another process has it open.</summary>
    Locked,

    /// <summary>It was written by a newer version.</summary>
    NewerFormat,

    /// <summary>Bytes that were durable are gone or changed.</summary>
    Damaged,

    /// <summary>The folder, or a file in it, was taken away or replaced while the journal was open.</summary>
    FolderGone,

    /// <summary>It holds more than this process has memory to read.</summary>
    NoMemory,
}
