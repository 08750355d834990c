using System.Diagnostics;

namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary><c>user</c>, <c>acl</c> and <c>config check</c>, on a gateway that runs, with mosquitto's clients.</summary>
[TestClass]
public sealed class UserCommandTests
{
    [TestMethod]
    public async Task User_AddedChangedAndRemoved_CountsAtOnceInTheRunningGateway()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        using TestFolder files = new();
        string password = Path.Combine(files.Path, "password");
        await File.WriteAllTextAsync(password, "a-long-password\n");

        await Run(0, "user", "add", "maria", "--role", "operator", "--password-file", password, "--data", gateway.DataFolder);
        Assert.AreEqual(0, await Publish(gateway, "a-long-password"));
        await Run(0, "user", "role", "maria", "monitor", "--data", gateway.DataFolder);
        StringAssert.Contains(await Run(0, "user", "list", "--data", gateway.DataFolder), "maria  monitor", StringComparison.Ordinal);
        await File.WriteAllTextAsync(password, "another-password\n");
        await Run(0, "user", "password", "maria", "--password-file", password, "--data", gateway.DataFolder);
        Assert.AreNotEqual(0, await Publish(gateway, "a-long-password"));
        Assert.AreEqual(0, await Publish(gateway, "another-password"));
        await Run(0, "user", "add", "paul", "--password-file", password, "--data", gateway.DataFolder);
        await Run(0, "user", "remove", "maria", "--data", gateway.DataFolder);
        Assert.AreNotEqual(0, await Publish(gateway, "another-password"));

        StringAssert.Contains(await Run(1, "user", "remove", "maria", "--data", gateway.DataFolder), "there is no user 'maria'", StringComparison.Ordinal);
        StringAssert.Contains(await Run(2, "user", "add", "eve", "--role", "king", "--password-file", password, "--data", gateway.DataFolder), "there is no role 'king'", StringComparison.Ordinal);
        await File.WriteAllTextAsync(password, "short\n");
        StringAssert.Contains(await Run(2, "user", "add", "eve", "--password-file", password, "--data", gateway.DataFolder), "10 characters", StringComparison.Ordinal);
        StringAssert.Contains(await Run(0, "user", "remove", "paul", "--data", gateway.DataFolder), "this was the last user", StringComparison.Ordinal);
        string audit = await File.ReadAllTextAsync(Path.Combine(gateway.DataFolder, "audit.log"));
        StringAssert.Contains(audit, "changed: user remove maria, by ", StringComparison.Ordinal);
        Assert.DoesNotContain("password\n", audit, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Acl_Imported_CountsAndWhatCannotBeTakenOverIsListed()
    {
        await using GatewayProcess gateway = await GatewayProcess.Start();
        using TestFolder files = new();
        string passwords = Path.Combine(files.Path, "passwd"), acl = Path.Combine(files.Path, "acl");
        await File.WriteAllTextAsync(passwords, "alice:$7$101$Mee9fUxEBRMMAoo9$OJOrI5rt+4JyB6qEzk4IL4kVsQB+6nExMcJX5eu49xRvuarNUTEkFYGsxLYPBtKNthwmpHQDtvyFuZ5Bk8lMsw==\nplain:text\n");
        await File.WriteAllTextAsync(acl, "user alice\ntopic write cmd/#\ntopic deny x\n");

        StringAssert.Contains(await Run(1, "user", "import", passwords, "--data", gateway.DataFolder), "line 2: 'plain' has no hash", StringComparison.Ordinal);
        string said = await Run(1, "acl", "import", acl, "--data", gateway.DataFolder);
        StringAssert.Contains(said, "alice has the role acl-alice", StringComparison.Ordinal);
        StringAssert.Contains(said, "line 3: deny", StringComparison.Ordinal);
        await using ChildProcess alice = MosquittoPub.Launch(gateway, "cmd/x", "x", qos: 1, "any-id", "alice", "wonderland1");
        Assert.AreEqual(0, await alice.WaitForExit(), alice.Transcript());
        await UntilRehashed(Path.Combine(gateway.DataFolder, "users.json"));
    }

    [TestMethod]
    [DataRow("{\n  \"Security\": {\n    \"Roles\": { \"ann\": \"operator\" }\n  }\n}", "line 3: Security:Roles:ann is the role of a user")]
    [LongDataRow("{\n  \"Limits\": {\n    \"PacketBytesMax\": 1\n  }\n}", "line 3: Limits:PacketBytesMax is 1")]
    [DataRow("{\n  \"Limitz\": 1\n}", "line 2: Limitz is not a setting")]
    public async Task ConfigCheck_WrongFile_SaysWhatAndInWhichLine(string json, string what)
    {
        using TestFolder files = new();
        string file = Path.Combine(files.Path, "gateway.json");
        await File.WriteAllTextAsync(file, json);
        StringAssert.Contains(await Run(2, "config", "check", file), $"{file}, {what}", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, "{}");
        await Run(0, "config", "check", file);
    }

    /// <summary>It said "sound", and the restart after it did not come up.</summary>
    [TestMethod]
    [DataRow("""{"Listen":["mqtts://*:8883"]}""", "there is no certificate")]
    [LongDataRow("""{"Http":"https://127.0.0.1:8443","Tls":{"CertificateFile":"/nope"}}""", "the files of section Tls cannot be used")]
    [LongDataRow("""{"Data":"/dev/null/data"}""", "is no folder")]
    public async Task ConfigCheck_WhatAStartRefuses_IsRefused(string json, string what)
    {
        using TestFolder files = new();
        string file = files.Write("gateway.json", json);
        string[] data = json.Contains("Data", StringComparison.Ordinal) ? [] : ["--data", files.File("data")];
        StringAssert.Contains(await Run(2, ["config", "check", file, .. data]), what, StringComparison.Ordinal);
        StringAssert.Contains(await Run(0, "config", "check", file, "--data", files.File("data"), "--set", "listen:0=127.0.0.1:0", "--http", "off"), "sound", StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(files.File("data")));
    }

    [TestMethod]
    public async Task Users_FileIsDamaged_SaidWhichAndWhy()
    {
        using TestFolder files = new();
        string users = files.Write("users.json", "{x");
        StringAssert.Contains(await Run(1, "user", "list", "--data", files.Path), $"{users} is not a list of users: ", StringComparison.Ordinal);
    }

    // The hash of mosquitto is replaced beside the login, not before its answer.
    private static async Task UntilRehashed(string users)
    {
        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(50));
        while ((await File.ReadAllTextAsync(users)) is var text && text.Contains("$7$", StringComparison.Ordinal))
        {
            Assert.IsLessThan(Patience.Default, Stopwatch.GetElapsedTime(began), $"alice has logged in, and her weak hash is still there: {text}");
            _ = await timer.WaitForNextTickAsync();
        }
    }

    private static async Task<int> Publish(GatewayProcess gateway, string password)
    {
        await using ChildProcess client = MosquittoPub.Launch(gateway, "t", "x", qos: 1, "some-id", "maria", password);
        return await client.WaitForExit();
    }

    private static async Task<string> Run(int exitCode, params string[] words)
    {
        await using ChildProcess command = GatewayProcess.LaunchExactly(words);
        int ended = await command.WaitForExit();
        Assert.AreEqual(exitCode, ended, command.Transcript());
        return command.Transcript();
    }
}
