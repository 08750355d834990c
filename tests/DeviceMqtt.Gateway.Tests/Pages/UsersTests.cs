using System.Net;
using System.Text.Json;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>The people of the console are the users of the gateway: one list, one set of roles.</summary>
[TestClass]
public sealed class UsersTests
{
    [TestMethod]
    public async Task Operator_OfTheConsole_IsAUserOfTheGateway()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();

        UserEntry anna = new UserFile(console.Options.Data).Users[ConsoleUnderTest.Operator];

        Assert.AreEqual("operator", anna.Role);
        Assert.IsTrue(PasswordHash.Fits(anna.Password!, System.Text.Encoding.UTF8.GetBytes(ConsoleUnderTest.Password)));
        Assert.AreEqual(0, (await console.GetAsync("devices")).GetProperty("total").GetInt32(), "a person is shown as a device");
    }

    [TestMethod]
    [DataRow("operator", "operator")]
    [DataRow("monitor", "monitor")]
    [DataRow("device", null)]
    [DataRow("bridge", null)]
    [DataRow("heating", null)]
    public async Task LogIn_UserOfTheCommandLine_AsItsRoleSays(string role, string? inConsole)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Security.Rights["heating"] = new() { Publish = ["heating/#"], Subscribe = ["#"], Commands = true });
        new UserFile(console.Options.Data).Set("max", new UserEntry { Role = role, Password = PasswordHash.Create("only looking") });
        _ = await console.SendAsync(HttpMethod.Delete, "session");

        JsonElement answer = await console.SendAsync(HttpMethod.Post, "session", new { name = "max", password = "only looking" }, inConsole is null ? HttpStatusCode.Unauthorized : HttpStatusCode.OK);

        Assert.AreEqual(inConsole, answer.TryGetProperty("role", out JsonElement found) ? found.GetString() : null);
    }

    [TestMethod]
    public async Task LogIn_OperatorThatTheSettingsMakeNarrower_OnlyLooks()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        console.Host.Use(new SecurityOptions { Rights = { ["operator"] = new() { Publish = ["house/#"], Subscribe = ["#"] } } });

        // Nobody may change anything now: what is open is what was open before there was an operator.
        using HttpResponseMessage answer = await console.AskAsync(HttpMethod.Get, "users");
        Assert.AreEqual(HttpStatusCode.Forbidden, answer.StatusCode);
        JsonElement problem = await console.SendAsync(HttpMethod.Post, "session/welcome", new { code = console.CodeOfLog(), name = "eve", password = "1234567890" }, HttpStatusCode.BadRequest);
        StringAssert.Contains(problem.GetProperty("detail").GetString(), "narrower", StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Role_ChangedByTheCommandLine_CountsAtOnce()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using Person max = await Person.LogInAsync(console, "max", "operator");
        Assert.AreEqual(HttpStatusCode.OK, await max.GetAsync("users"));

        _ = new UserFile(console.Options.Data).Update("max", static user => user with { Role = "monitor" });

        Assert.AreEqual(HttpStatusCode.Unauthorized, await max.GetAsync("users"));
        Assert.AreEqual(HttpStatusCode.Unauthorized, await max.GetAsync("devices"), "a login outlives the role that it was for");
    }

    [TestMethod]
    [DataRow("stream")]
    [DataRow("messages?filter=%23")]
    public async Task Stream_OfAUserThatIsRemoved_Ends(string path)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using Person max = await Person.LogInAsync(console, "max", "operator");
        await using Stream stream = await max.Client.GetStreamAsync(new Uri($"/api/v1/{path}", UriKind.Relative));

        _ = await console.SendAsync(HttpMethod.Delete, "users/max");

        _ = await console.PublishAsync("a", "x");
        byte[] buffer = new byte[4096];
        using CancellationTokenSource limit = new(Patience.Limit);
        while (await stream.ReadAsync(buffer, limit.Token) > 0)
        {
            // What was on its way.
        }
    }

    [TestMethod]
    public async Task Password_ChangedByItsUser_ThisLoginStaysAndOthersEnd()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        using Person elsewhere = await Person.LogInAsync(console, ConsoleUnderTest.Operator, role: null, ConsoleUnderTest.Password);

        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = ConsoleUnderTest.Operator, role = "operator", password = "another house" });

        _ = await console.GetAsync("devices");
        Assert.AreEqual(HttpStatusCode.Unauthorized, await elsewhere.GetAsync("devices"));
    }

    [TestMethod]
    public async Task User_ChangedWithoutAPassword_KeepsItsOwn()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = "max", role = "operator", password = "only looking" });

        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = "max", role = "monitor" });

        UserEntry max = new UserFile(console.Options.Data).Users["max"];
        Assert.AreEqual("monitor", max.Role);
        Assert.IsTrue(PasswordHash.Fits(max.Password!, "only looking"u8));
    }

    [TestMethod]
    [DataRow("max", "nothing", "1234567890", "'role' is one of operator, bridge, monitor")]
    [DataRow("max", "device", "1234567890", "'role' is one of operator, bridge, monitor")]
    [DataRow("max", "monitor", "short", "a password has 10 to 128 characters")]
    [DataRow("max", "monitor", "", "a password has 10 to 128 characters")]
    [DataRow("a/b", "monitor", "1234567890", "a name has 1 to 64 characters that can be seen, and no / + #")]
    [DataRow("kitchen", "monitor", "1234567890", "there is a device 'kitchen': take another name")]
    [DataRow("root", "monitor", "1234567890", "'root' is a user of the settings: change it there")]
    public async Task User_WhatCannotBe_SaidInWords(string name, string role, string password, string words)
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Security.Users["root"] = "of the settings");
        new UserFile(console.Options.Data).Set("kitchen", PasswordHash.Create("device's"));

        JsonElement problem = await console.SendAsync(HttpMethod.Put, "users", new { name, role, password }, HttpStatusCode.BadRequest);

        Assert.AreEqual(words, problem.GetProperty("detail").GetString());
    }

    [TestMethod]
    public async Task Changes_StandInTheAudit_WithWhoMadeThem()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync();
        _ = await console.SendAsync(HttpMethod.Put, "users", new { name = "max", role = "monitor", password = "only looking" });
        _ = await console.SendAsync(HttpMethod.Post, "keys", new { name = "prometheus", role = "monitor" });
        _ = await console.SendAsync(HttpMethod.Delete, "users/max");
        _ = await console.SendAsync(HttpMethod.Post, "session", new { name = "eve", password = "wrong house" }, HttpStatusCode.Unauthorized);
        await console.Host.StopAsync();

        foreach ((AuditKind kind, string line) in ((AuditKind, string)[])[
            (AuditKind.In, "in: user 'anna', console, as Operator, from 127.0.0.1"),
            (AuditKind.Changed, "changed: user max, monitor, by 'anna' in the console"),
            (AuditKind.Changed, "changed: key add prometheus, monitor, by 'anna' in the console"),
            (AuditKind.Changed, "changed: user remove max, by 'anna' in the console"),
            (AuditKind.Refused, "refused: user 'eve', console, from 127.0.0.1")])
            StringAssert.Contains(await File.ReadAllTextAsync(Path.Combine(console.Options.Data, AuditFile.NameOf(kind))), line, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Operator_WhereNothingIsKept_IsInMemory()
    {
        await using ConsoleUnderTest console = await ConsoleUnderTest.StartInAsync(static options => options.Data = GatewayOptions.NoData);

        Assert.AreEqual("anna", (await console.GetAsync("users")).GetProperty("people")[0].GetProperty("name").GetString());
        Assert.IsFalse((await console.GetAsync("users")).GetProperty("kept").GetBoolean());
    }
}
