using System.Net;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Tls;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>Certificates that change under connected clients: nobody is dropped, whoever comes then gets the new one.</summary>
[TestClass]
internal sealed class CertificateChangeTests
{
    private static readonly int Clients = LongRun.IsOn ? 500 : 100;

    [TestMethod]
    public async Task Certificate_RenewedUnderConnectedClients_DropsNobody()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o => o.Limits.HandshakesMax = 4 * Clients);
        List<SslStream> clients = await ConnectAllAsync(house);
        string before = clients[0].RemoteCertificate!.GetSerialNumberString();

        house.Renew();

        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("were read again", StringComparison.Ordinal)), "the new certificate");
        await using SslStream late = await house.ConnectAsync();
        Assert.AreNotEqual(before, late.RemoteCertificate!.GetSerialNumberString());
        foreach (SslStream client in clients)
            await client.PingAsync();
        await EndAsync(clients);
    }

    [TestMethod]
    public async Task Authority_RotatedUnderConnectedClients_DropsNobodyAndBothAreTrusted()
    {
        await using TestHouse house = await TestHouse.StartAsync(static o =>
        {
            o.Limits.HandshakesMax = 4 * Clients;
            o.Tls.ClientCertificates = ClientCertificates.Accepted;
            o.Security.Users["kitchen"] = "secret";
            o.Security.ClientIds["kitchen"] = ["*"];
            o.Security.AllowAnonymous = true;
        });
        X509Certificate2Collection old = house.Certificates.ReadAuthorities();
        using X509Certificate2 oldClient = house.ClientCertificate("kitchen");
        List<SslStream> clients = await ConnectAllAsync(house);

        house.Rotate();

        X509Certificate2Collection both = house.Certificates.ReadAuthorities();
        Assert.HasCount(2, both);
        X509Certificate2Collection young = [both[0]];
        await UntilAsync(() => TrustsAsync(house, young), "the certificate of the new authority");
        using X509Certificate2 youngClient = house.ClientCertificate("kitchen");
        // TLS 1.2 is what the boards speak.
        foreach (SslProtocols protocol in new[] { SslProtocols.Tls12, SslProtocols.Tls13 })
            foreach (X509Certificate2Collection trusted in new[] { old, young, both })
            {
                await using SslStream client = await house.ConnectAsync(trusted, protocols: protocol);
                Assert.AreEqual(0, await client.ConnectAsync("late"));
            }

        foreach (X509Certificate2 own in new[] { oldClient, youngClient })
        {
            await using SslStream client = await house.ConnectAsync(young, own);
            Assert.AreEqual(0, await client.ConnectAsync("certified"));
        }

        foreach (SslStream client in clients)
            await client.PingAsync();

        Assert.IsTrue(house.Forget());
        Assert.IsFalse(house.Forget());
        await UntilAsync(async () => !await TrustsAsync(house, old), "the certificate without the old authority");
        await UntilAsync(async () => await CodeAsync(house, young, oldClient) == -1, "the end of the old authority for clients");
        foreach (SslStream client in clients)
            await client.PingAsync();
        await EndAsync(clients);
    }

    [TestMethod]
    public async Task Files_ThatCannotBeUsed_ChangeNothingAndAreSaid()
    {
        await using TestHouse house = await TestHouse.StartAsync();
        string before = house.Certificates.ReadServer().SerialNumber;
        File.WriteAllText(house.Certificates.PathOf(CertificateFolder.CertificateName), "half of a file");
        await Patience.Until(() => house.Log.Lines.Any(static line => line.Contains("cannot be used, so what was read before is used on", StringComparison.Ordinal)), "a line about it");
        await using SslStream client = await house.ConnectAsync();
        Assert.AreEqual(before, client.RemoteCertificate!.GetSerialNumberString());
    }

    [TestMethod]
    [DataRow("rsa", 0, true)]
    [DataRow("ecdsa", 0, false)]
    [DataRow("dsa", 1, false)]
    public void Init_WithAKindOfKey_MakesThatOrSaysThatThereIsNone(string kind, int exitCode, bool isRsa)
    {
        string data = Directory.CreateTempSubdirectory("devicemqtt-init").FullName;
        Assert.AreEqual(exitCode, DeviceMqtt.Gateway.CommandLine.CertCommand.Create().Parse(["init", "--data", data, "--config", Path.Combine(data, "gateway.json"), "--key", kind]).Invoke());
        CertificateFolder folder = new(data);
        Assert.AreEqual(exitCode == 0, folder.Exists);
        if (exitCode == 0)
            Assert.AreEqual(isRsa, folder.ReadServer().GetRSAPublicKey() is not null);
        Directory.Delete(data, recursive: true);
    }

    // On a folder of its own, by a clock that is moved by hand.
    [TestMethod]
    [DataRow(0, false)]
    [DataRow(240, false)]
    [DataRow(250, true)]
    [DataRow(400, true, DisplayName = "after its end")]
    [DataRow(-3000, false, DisplayName = "a clock that is wrong")]
    [DataRow(20_000, false, DisplayName = "after the end of the authority")]
    public void Certificate_Looked_RenewedWhenAThirdIsLeft(int days, bool isRenewed)
    {
        string data = Directory.CreateTempSubdirectory("devicemqtt-renew").FullName;
        FakeTime time = new();
        CertificateFolder folder = new(data);
        folder.Create(["pi.local"], [IPAddress.Parse("192.0.2.1")], time.GetUtcNow());
        RecordingLog log = new();
        string before = folder.ReadServer().SerialNumber;
        CertificateRenewal renewal = new(folder, log, time);

        time.WallOffset = TimeSpan.FromDays(days);
        renewal.Look(new TlsFiles(new TlsOptions(), data, log).Current, "server.pem");

        X509Certificate2 now = folder.ReadServer();
        Assert.AreEqual(isRenewed, now.SerialNumber != before, string.Join('\n', log.Lines));
        (IReadOnlyList<string> names, IReadOnlyList<IPAddress> addresses) = CertificateFolder.NamesOf(now);
        CollectionAssert.AreEqual(new[] { "pi.local" }, names.ToArray());
        CollectionAssert.AreEqual(new[] { IPAddress.Parse("192.0.2.1") }, addresses.ToArray());
        Directory.Delete(data, recursive: true);
    }

    /// <summary>The next try was as far ahead as the clock had been for one look: years, and no renewal until the next start.</summary>
    [TestMethod]
    public void Certificate_LookedWhileTheClockWasYearsAhead_RenewedInTimeAllTheSame()
    {
        string data = Directory.CreateTempSubdirectory("devicemqtt-renew").FullName;
        FakeTime time = new();
        CertificateFolder folder = new(data);
        folder.Create(["pi.local"], [IPAddress.Parse("192.0.2.1")], time.GetUtcNow());
        RecordingLog log = new();
        string before = folder.ReadServer().SerialNumber;
        CertificateRenewal renewal = new(folder, log, time);
        TlsFiles files = new(new TlsOptions(), data, log);

        time.WallOffset = TimeSpan.FromDays(20_000); // after the end of the authority: nothing can be done
        renewal.Look(files.Current, "server.pem");
        time.WallOffset = TimeSpan.FromDays(300);
        time.Advance(TimeSpan.FromDays(1));
        renewal.Look(files.Current, "server.pem");

        Assert.AreNotEqual(before, folder.ReadServer().SerialNumber, string.Join('\n', log.Lines));
        Directory.Delete(data, recursive: true);
    }

    // One file is written after the other, and the gateway may look in between: its line in the log is no sign that it has read all of them.
    private static async Task UntilAsync(Func<Task<bool>> isSo, string what)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while (!await isSo())
        {
            Assert.IsLessThan(Patience.Limit, System.Diagnostics.Stopwatch.GetElapsedTime(began), what);
            _ = await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<bool> TrustsAsync(TestHouse house, X509Certificate2Collection authorities)
    {
        try
        {
            await using SslStream client = await house.ConnectAsync(authorities);
            return true;
        }
        catch (AuthenticationException)
        {
            return false;
        }
    }

    private static async Task<int> CodeAsync(TestHouse house, X509Certificate2Collection authorities, X509Certificate2 own)
    {
        await using SslStream client = await house.ConnectAsync(authorities, own);
        return await client.ConnectAsync("certified");
    }

    private static async Task<List<SslStream>> ConnectAllAsync(TestHouse house)
    {
        List<SslStream> clients = [];
        for (int i = 0; i < Clients; i++)
        {
            SslStream client = await house.ConnectAsync();
            Assert.AreEqual(0, await client.ConnectAsync($"c{i}"));
            clients.Add(client);
        }

        return clients;
    }

    private static async Task EndAsync(List<SslStream> clients)
    {
        foreach (SslStream client in clients)
            await client.DisposeAsync();
    }
}
