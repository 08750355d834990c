namespace DeviceMqtt.Journal;

/// <summary>How long a record must survive. The values are on disk: they never change.</summary>
public enum RecordLife : byte
{
    /// <summary>Until a snapshot covers it.</summary>
    Event = 1,

    /// <summary>Until it is released, snapshot or not.</summary>
    Body = 2,
}
