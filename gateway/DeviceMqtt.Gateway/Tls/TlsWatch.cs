namespace DeviceMqtt.Gateway.Tls;

/// <summary>
/// Looks every few seconds whether the files of section <c>Tls</c> have changed, outside the turn, and ends the connections of certificates that are not taken any more, then and once a minute; renews the
/// gateway's own in time.
/// </summary>
/// <param name="files">The files.</param>
/// <param name="certified">Whose connections may end.</param>
/// <param name="renewal">Of the gateway's own.</param>
/// <param name="believed">The time, where the clock is believed; null otherwise. Asked outside a turn.</param>
/// <param name="time">The clock.</param>
internal sealed class TlsWatch(TlsFiles files, CertifiedClients certified, CertificateRenewal renewal, Func<DateTimeOffset?> believed, TimeProvider time) : BackgroundService
{
    /// <summary>Looks from one at all certificates to the next: a minute. Chosen: certificates end by days.</summary>
    public const int LooksOfCertificates = 30;


    /// <summary>Chosen: reading four small files costs less than a handshake.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly Lock _ending = new();
    private int _looks;

    public void Look()
    {
        renewal.Look(files.Current, files.CertificatePath);
        if (files.Look() || ++_looks % LooksOfCertificates == 0)
            EndUntaken();
    }

    /// <summary>Reads the files as other settings say, and tells what has them count. See <see cref="TlsFiles.Prepare"/>.</summary>
    /// <exception cref="Broker.Words.SettingException">A file cannot be used.</exception>
    public Action Prepare(TlsOptions others)
    {
        TlsState state = files.Prepare(others);
        return () =>
        {
            files.Use(others, state);
            EndUntaken();
        };
    }

    private void EndUntaken()
    {
        DateTimeOffset? now = believed(); // in a turn of its own
        lock (_ending)
            certified.EndUntaken(now);
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
