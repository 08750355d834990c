using System.Diagnostics;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>From nothing to TLS with the command line alone, and clients that are not ours.</summary>
[TestClass]
public sealed class CertTests
{
    private const string ListeningMqtts = "listening mqtts ";

    [TestMethod]
    public async Task Init_FromNothing_ClientsOfOthersConnectAndBoardsGetTls()
    {
        using TestFolder data = new();
        await File.WriteAllTextAsync(data.File("gateway.json"), """{ "Listen": ["127.0.0.1:0"], "Http": "off", "Tls": { "ClientCertificates": "Accepted" } }""");
        string said = await Run(0, "cert", "init", "--data", data.Path, "--listen", "mqtts://127.0.0.1:0");
        Assert.DoesNotContain("PRIVATE KEY", said, StringComparison.Ordinal);
        StringAssert.Contains(await Run(1, "cert", "init", "--data", data.Path), "there is an authority already", StringComparison.Ordinal);
        string ca = data.File("tls/ca.pem");

        await using ChildProcess gateway = GatewayProcess.LaunchExactly(["run", "--data", data.Path]);
        string line = await gateway.Output.WaitFor(static text => text.StartsWith(ListeningMqtts, StringComparison.Ordinal), ListeningMqtts);
        string port = line[(line.LastIndexOf(':') + 1)..];
        await Publish(0, port, "--cafile", ca);
        await Publish(0, port, "--cafile", ca, "--tls-version", "tlsv1.2");

        // A client that knows another authority, and one that speaks no TLS.
        using TestFolder other = new();
        _ = await Run(0, "cert", "init", "--data", other.Path);
        await Publish(null, port, "--cafile", other.File("tls/ca.pem"));
        await gateway.Output.WaitFor(static text => text.Contains("no connection with 127.0.0.1:", StringComparison.Ordinal) && text.Contains("CA certificate", StringComparison.Ordinal), "a line about the authority");
        await Publish(null, port);
        await gateway.Output.WaitFor(static text => text.Contains("it begins with a plain MQTT CONNECT, and this port wants TLS", StringComparison.Ordinal), "a line about the port");

        // A board, and its user by certificate.
        StringAssert.Contains(await Add(2, data, "exa mple"), "'host' is 'exa mple'; it must be a host name or an IP address", StringComparison.Ordinal);
        StringAssert.Contains(await Add(2, data, "203.0.113.9"), "does not have the name '203.0.113.9'", StringComparison.Ordinal);
        StringAssert.Contains(await Add(0, data, "localhost"), "may connect as user 'kitchen'", StringComparison.Ordinal);
        StringAssert.Contains(await File.ReadAllTextAsync(data.File("devices/kitchen/settings.json")), "\"tls\":true", StringComparison.Ordinal);
        Assert.AreEqual(await File.ReadAllTextAsync(ca), await File.ReadAllTextAsync(data.File("devices/kitchen/ca.pem")));
        _ = await Run(0, "cert", "client", "kitchen", "--data", data.Path, "--out", data.File("client"));
        await Publish(null, port, "--cafile", ca);
        await Publish(0, port, "--cafile", ca, "--cert", data.File("client/kitchen.pem"), "--key", data.File("client/kitchen.key"), "-i", "GID_home@@@kitchen");
    }

    [TestMethod]
    public async Task Rotate_OldAuthorityAndNew_OpensslTakesBothUntilTheEnd()
    {
        using TestFolder data = new();
        _ = await Run(0, "cert", "init", "--data", data.Path);
        string old = data.File("old.pem");
        File.Copy(data.File("tls/ca.pem"), old);
        await using ChildProcess gateway = GatewayProcess.LaunchExactly(["run", "--data", data.Path, "--http", "off", "--listen", "mqtts://127.0.0.1:0"]);
        string line = await gateway.Output.WaitFor(static text => text.StartsWith(ListeningMqtts, StringComparison.Ordinal), ListeningMqtts);
        string address = line.Split(' ')[2];

        _ = await Run(0, "cert", "rotate", "--data", data.Path);
        StringAssert.Contains(await Run(0, "cert", "show", "--data", data.Path), "authority before, trusted until 'cert rotate --finish'", StringComparison.Ordinal);
        StringAssert.Contains(await Run(1, "cert", "rotate", "--data", data.Path), "there are two authorities already", StringComparison.Ordinal);
        await gateway.Output.WaitFor(static text => text.Contains("were read again", StringComparison.Ordinal), "the new certificate");
        Assert.AreEqual(0, await Verify(address, old));
        Assert.AreEqual(0, await Verify(address, data.File("tls/ca.pem")));

        _ = await Run(0, "cert", "rotate", "--finish", "--data", data.Path);
        await UntilRefused(address, old);
        Assert.AreEqual(0, await Verify(address, data.File("tls/ca.pem")));
    }

    [TestMethod]
    public async Task Listen_WithTlsAndNoCertificate_SaysWhatToDo()
    {
        using TestFolder data = new();
        StringAssert.Contains(await Run(2, "run", "--data", data.Path, "--listen", "mqtts://127.0.0.1:0", "--http", "off"), "'cert init' makes one", StringComparison.Ordinal);
        StringAssert.Contains(await Run(2, "run", "--data", data.Path, "--listen", "tls://127.0.0.1:0"), "it may begin with mqtt:// or mqtts://", StringComparison.Ordinal);
    }

    // How often the gateway reads while a command writes one file after the other, nobody can say: the lines of its log are no sign.
    private static async Task UntilRefused(string address, string ca)
    {
        long began = Stopwatch.GetTimestamp();
        while (await Verify(address, ca) == 0)
            Assert.IsLessThan(Patience.Default, Stopwatch.GetElapsedTime(began), "the old authority is still trusted");
    }

    private static async Task<int> Verify(string address, string ca)
    {
        await using ChildProcess openssl = ChildProcess.Start("sh", ["-c", $"openssl s_client -connect {address} -CAfile '{ca}' -verify_return_error -no_ign_eof < /dev/null"]);
        return await openssl.WaitForExit();
    }

    private static async Task Publish(int? exitCode, string port, params string[] more)
    {
        await using ChildProcess client = ChildProcess.Start("mosquitto_pub", ["-h", "localhost", "-p", port, "-t", "a", "-m", "x", "-q", "1", .. more]);
        int code = await client.WaitForExit();
        Assert.AreEqual(exitCode ?? code, code, client.Transcript());
        Assert.AreEqual(exitCode == 0, code == 0, client.Transcript());
    }

    private static Task<string> Add(int exitCode, TestFolder data, string host) =>
        Run(exitCode, "device", "add", "kitchen", "--board", "esp32-devkitc", "--wifi", "home", "--wifi-open", "--gateway", host, "--data", data.Path);

    private static async Task<string> Run(int exitCode, params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly(words);
        Assert.AreEqual(exitCode, await command.WaitForExit(), command.Transcript());
        return command.Transcript();
    }
}
