namespace DeviceMqtt.Gateway.Doctor;

/// <summary>How bad it is, the worst first.</summary>
internal enum NoteLevel : byte
{
    /// <summary>Something is lost, or will be.</summary>
    Bad,

    /// <summary>Something does not work as it should.</summary>
    Warn,

    /// <summary>Worth knowing.</summary>
    Info,
}
