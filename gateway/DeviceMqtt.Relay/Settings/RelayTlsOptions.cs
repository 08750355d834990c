namespace DeviceMqtt.Relay.Settings;

/// <summary>Section <c>Relay:Tls</c>: certificates for upstreams with <c>mqtts://</c>. PEM files, read anew for each connection.</summary>
internal sealed class RelayTlsOptions
{
    /// <summary>The authorities that may have signed the upstream's certificate; those this machine trusts when empty.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>The gateway's own certificate, with those between it and its authority; none when empty.</summary>
    public string CertificateFile { get; set; } = "";

    /// <summary>The key of <see cref="CertificateFile"/>; empty when it is in the same file.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>The name that the upstream's certificate must have, also told to it (SNI); that of the address when empty.</summary>
    public string ServerName { get; set; } = "";

    /// <summary>What is wrong, as a sentence that names the setting; null when nothing is.</summary>
    public string? Check(string section)
    {
        if (KeyFile.Length > 0 && CertificateFile.Length == 0)
            return $"{section}:Tls:KeyFile is given without {section}:Tls:CertificateFile";
        foreach ((string name, string file) in new[] { (nameof(CaFile), CaFile), (nameof(CertificateFile), CertificateFile), (nameof(KeyFile), KeyFile) })
            if (file.Length > 0 && !File.Exists(file))
                return $"{section}:Tls:{name} is '{file}': there is no such file";
        return null;
    }
}
