namespace DeviceMqtt.Gateway.Security;

/// <summary>What a line of the audit says. Each kind has a file and a bound of its own: whoever makes many lines of one erases none of another.</summary>
internal enum AuditKind
{
    /// <summary>Somebody changed something: users, devices, settings.</summary>
    Changed,

    /// <summary>Somebody came in, or lost a right.</summary>
    In,

    /// <summary>Somebody was refused. It takes no password to make these.</summary>
    Refused,
}
