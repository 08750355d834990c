using System.Net;
using System.Text.Json;
using DeviceMqtt.Gateway.Certificates;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>A board that the console lets in gets what <c>device add</c> gives it.</summary>
[TestClass]
public sealed class ProvisionTests
{
    [TestMethod]
    public async Task Add_GatewayWithTls_TheBoardGetsItsAuthorityAndItsPort()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(WithTls);

        JsonElement settings = await AddAsync(console, "localhost");

        Assert.IsTrue(settings.GetProperty("tls").GetBoolean());
        Assert.AreEqual(8883, settings.GetProperty("port").GetInt32());
        string folder = Path.Combine(console.Options.Data, "devices", "attic");
        Assert.AreEqual(new CertificateFolder(console.Options.Data).ReadAuthorities()[0].ExportCertificatePem() + "\n", await File.ReadAllTextAsync(Path.Combine(folder, DeviceFolder.CaCertificate)));
        StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(folder, DeviceFolder.Files)), DeviceFolder.CaCertificate, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Add_AddressThatTheCertificateDoesNotHave_SaidInWords()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(WithTls);

        JsonElement problem = await console.SendAsync(HttpMethod.Post, "provision", Board("10.0.0.2"), HttpStatusCode.BadRequest);

        StringAssert.Contains(problem.GetProperty("detail").GetString(), "does not have the name '10.0.0.2'", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Add_GatewayOnThisMachineAlone_WarnsThatNoBoardReachesIt()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement made = await console.SendAsync(HttpMethod.Post, "provision", Board("10.0.0.2"));

        StringAssert.Contains(made.GetProperty("warning").GetString(), "on this machine alone", StringComparison.Ordinal);
        console.Options.Listen = ["127.0.0.1:1883", "10.0.0.2:1883"];
        JsonElement again = await console.SendAsync(HttpMethod.Post, "provision/attic/rotate");
        Assert.IsFalse(again.TryGetProperty("warning", out JsonElement warning) && warning.ValueKind != JsonValueKind.Null, again.ToString());
    }

    [TestMethod]
    public async Task Add_GatewayOnAnotherPort_TheBoardGetsIt()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        console.Options.Listen = ["127.0.0.1:18830"];

        Assert.AreEqual(18830, (await AddAsync(console, "10.0.0.2")).GetProperty("port").GetInt32());
    }

    [TestMethod]
    [DataRow("exa mple", 1883, "'host'")]
    [DataRow("http://example", 1883, "'host'")]
    [DataRow("k\u00E4se", 1883, "'host'")]
    [DataRow("example:1883", 1883, "'host'")]
    [DataRow("example", 99999, "'port'")]
    [DataRow("example", -1, "'port'")]
    [DataRow("example", 0, "'port'")]
    public async Task Add_AddressThatCannotWork_RefusedByName(string host, int port, string named)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        JsonElement problem = await console.SendAsync(HttpMethod.Post, "provision", new { name = "n3", board = "huzzah32", ssid = "net", wifiPassword = "password", host, port, replace = false }, HttpStatusCode.BadRequest);

        StringAssert.Contains(problem.GetProperty("detail").GetString(), named, StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(Path.Combine(console.Options.Data, "devices", "n3")));
    }

    // "device add" asks the same.
    [TestMethod]
    [DataRow("pi.local", 1883, true)]
    [DataRow("10.0.0.2", 65535, true)]
    [DataRow("exa mple", 1883, false)]
    [DataRow("", 1883, false)]
    [DataRow("pi.local", 0, false)]
    public void Check_AddressOfTheGateway_OneThatABoardCanUse(string host, int port, bool isRight)
    {
        DeviceTls tls = new(new GatewayOptions { Data = "nowhere" });

        Assert.AreEqual(isRight, tls.Check(host, port) is null);
    }

    [TestMethod]
    public async Task Add_TheUserIsBoundToItsClientIdentifier()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await AddAsync(console, "10.0.0.2");

        UserEntry user = new UserFile(console.Options.Data).Users["attic"];
        Assert.AreEqual("device", user.Role);
        CollectionAssert.AreEqual((string[])["GID_home@@@attic"], user.ClientIds.ToArray());
    }

    [TestMethod]
    public async Task Rotate_FilesAndUserHaveTheSameNewPassword()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        string before = (await AddAsync(console, "10.0.0.2")).GetProperty("password").GetString()!;

        JsonElement made = await console.SendAsync(HttpMethod.Post, "provision/attic/rotate");

        string after = JsonDocument.Parse(made.GetProperty("settings").GetString()!).RootElement.GetProperty("password").GetString()!;
        Assert.AreNotEqual(before, after);
        Assert.IsTrue(PasswordHash.Fits(new UserFile(console.Options.Data).Users["attic"].Password!, System.Text.Encoding.UTF8.GetBytes(after)));
    }

    [TestMethod]
    [DataRow("POST", "provision/anna/rotate")]
    [DataRow("DELETE", "provision/anna")]
    [DataRow("DELETE", "provision/nobody")]
    [DataRow("DELETE", "provision/..")]
    public async Task Change_WhatIsNoDevice_NotFound(string method, string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        _ = await console.SendAsync(new HttpMethod(method), path, body: null, HttpStatusCode.NotFound);

        Assert.IsTrue(new UserFile(console.Options.Data).Users.ContainsKey("anna"));
    }

    private static object Board(string host) => new { name = "attic", board = "huzzah32", group = "home", ssid = "net", wifiPassword = "password", host, replace = false };

    private static async Task<JsonElement> AddAsync(ConsoleUnderTest console, string host) =>
        JsonDocument.Parse((await console.SendAsync(HttpMethod.Post, "provision", Board(host))).GetProperty("settings").GetString()!).RootElement;

    private static void WithTls(GatewayOptions options)
    {
        options.Listen = ["127.0.0.1:0", "mqtts://127.0.0.1:0"];
        PrivateFile.CreateFolder(options.Data);
        new CertificateFolder(options.Data).Create(["localhost"], [IPAddress.Loopback], TimeProvider.System.GetUtcNow());
    }
}
