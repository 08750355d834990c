namespace DeviceMqtt.Gateway.Security;

/// <summary>The certificate that a client has shown, as the settings and the lists of revoked ones have it at the moment of asking. Safe from any thread; cheap, and reads no file.</summary>
internal interface IShownCertificate
{
    /// <summary>It would be let in now: neither it nor one above it was revoked, it has not ended, and its authority is known.</summary>
    bool IsTaken { get; }

    /// <summary>The user that it stands for; null for none.</summary>
    string? User { get; }
}
