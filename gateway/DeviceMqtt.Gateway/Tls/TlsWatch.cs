namespace DeviceMqtt.Gateway.Tls;

/// <summary>Looks every few seconds whether the files of section <c>Tls</c> have changed, outside the turn, and ends the connections of revoked certificates then; renews the gateway's own in time.</summary>
internal sealed class TlsWatch(TlsFiles files, CertifiedClients certified, CertificateRenewal renewal, TimeProvider time) : BackgroundService
{
    /// <summary>Chosen: four looks at a few files cost less than a handshake.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    public void Look()
    {
        renewal.Look(files.Current, files.CertificatePath);
        if (files.Look())
            certified.EndRevoked(files.Current.Revoked);
    }

    /// <summary>Reads the files as other settings say, and tells what has them count. See <see cref="TlsFiles.Prepare"/>.</summary>
    /// <exception cref="Broker.Words.SettingException">A file cannot be used.</exception>
    public Action Prepare(TlsOptions others)
    {
        TlsState state = files.Prepare(others);
        return () =>
        {
            files.Use(others, state);
            certified.EndRevoked(state.Revoked);
        };
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using PeriodicTimer timer = new(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Look();
        }
        catch (OperationCanceledException)
        {
            // The gateway stops.
        }
    }
}
