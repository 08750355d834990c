namespace DeviceMqtt.Client.Words;

/// <summary>What became of a command.</summary>
public enum CommandOutcome
{
    /// <summary>Carried out.</summary>
    Ok,

    /// <summary>The device could not, or does not want to: code and reason say why.</summary>
    Error,

    /// <summary>The device has too much to do.</summary>
    Busy,

    /// <summary>The device has begun with it before, and does not know how it ended.</summary>
    Duplicate,

    /// <summary>Its time was over before the device could carry it out.</summary>
    Expired,

    /// <summary>It does not get to the device: the reason is a word of the gateway, such as <c>unknown</c>, <c>denied</c>, <c>full</c>.</summary>
    Dropped,

    /// <summary>No answer in time. The command may have been carried out.</summary>
    NoAnswer,
}
