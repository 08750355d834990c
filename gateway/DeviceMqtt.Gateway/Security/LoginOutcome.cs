namespace DeviceMqtt.Gateway.Security;

/// <summary>What became of a login that had to wait.</summary>
internal enum LoginOutcome : byte
{
    /// <summary>The password is not that of this user, or there is no such user.</summary>
    Wrong,

    /// <summary>The password is right.</summary>
    Right,

    /// <summary>Nobody found out: it had waited for too long, or had to go for another. It may come again.</summary>
    Busy,
}
