namespace DeviceMqtt.Gateway.Observability;

/// <summary>Section <c>Trace</c>: what is noted of the way of each message.</summary>
internal sealed class TraceOptions
{
    /// <summary>Bytes of memory for the ways of the last messages, all of them: a ring, in which the newest take the place of the oldest. 0: only what somebody asks to keep.</summary>
    public int BytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>Bytes of memory for the ways of messages that somebody asks to keep for longer.</summary>
    public int KeptBytesMax { get; set; } = 4 * 1024 * 1024;

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check() =>
        BytesMax is not 0 and (< 65_536 or > 1_073_741_824) ? $"Trace:BytesMax is {BytesMax}; it must be 0, or between 65536 and 1073741824"
        : KeptBytesMax is < 65_536 or > 1_073_741_824 ? $"Trace:KeptBytesMax is {KeptBytesMax}; it must be between 65536 and 1073741824"
        : null;
}
