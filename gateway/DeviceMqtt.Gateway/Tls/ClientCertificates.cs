namespace DeviceMqtt.Gateway.Tls;

/// <summary>Whether clients show certificates of their own: <c>Tls:ClientCertificates</c>.</summary>
internal enum ClientCertificates : byte
{
    /// <summary>They are not asked for one.</summary>
    None = 0,

    /// <summary>A client with a certificate needs no password; one without needs it.</summary>
    Accepted,

    /// <summary>Without one there is no connection.</summary>
    Required,
}
