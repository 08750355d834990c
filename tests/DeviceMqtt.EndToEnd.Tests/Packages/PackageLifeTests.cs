using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Packages;

/// <summary>
/// The Debian package from its first install to its purge, on a machine with systemd, as gateway/docs/install.md tells it. With <c>DEVICEMQTT_TEST_PACKAGE</c>, the
/// path of an amd64 one that build.cs made, the machine is a bare Debian. Without it, it is this machine once more, and the package is one of this build.
/// </summary>
[TestClass]
public sealed partial class PackageLifeTests
{
    private const string Variable = "DEVICEMQTT_TEST_PACKAGE";
    private const string Password = "green house";

    [TestMethod]
    public async Task Package_FromInstallToPurge_LivesAsDocumented()
    {
        string mosquittoPub = OutsideProgram.Require("mosquitto_pub", "mosquitto-clients");
        string given = Environment.GetEnvironmentVariable(Variable) ?? "";
        await using BareMachine machine = given.Length > 0 ? await BareMachine.Start("ca-certificates,libssl3,libstdc++6") : await BareMachine.StartLikeThis("bare");
        using TestFolder folder = new();
        string package = given.Length > 0 ? given : await QuickPackage.Make(folder);
        File.Copy(package, Path.Combine(machine.Root, "srv", "first.deb"));

        // The first install runs, with nothing but the package.
        StringAssert.Contains(await Install(machine, "first"), "devicemqtt: running.", StringComparison.Ordinal);
        StringAssert.StartsWith(await machine.Run("devicemqtt status"), "well", StringComparison.Ordinal);
        _ = await machine.Run($"echo '{Password}' | devicemqtt user add maria --role operator --password-file - && devicemqtt cert init && systemctl restart devicemqtt");
        Assert.AreEqual("", await machine.Run("find /var/lib/devicemqtt ! -user devicemqtt"));

        // The log has fields.
        await using (ChildProcess wrong = machine.StartInItsNetwork(mosquittoPub, ["-p", "1883", "-i", "kitchen", "-u", "maria", "-P", "wrong", "-t", "a", "-m", "b"]))
            Assert.AreNotEqual(0, await wrong.WaitForExit());
        // The journal has a line a moment after the client has its answer.
        _ = await machine.Run("timeout 60 sh -c 'until (journalctl --sync; journalctl -u devicemqtt CLIENT_ID=kitchen USER=maria -p warning -o cat) | grep \"NotAuthorized: wrong password\"; do sleep 0.2; done'");

        if (LongRun.IsOn)
            await ComeAndGo(machine, package);

        _ = await machine.Run("apt-get purge -y devicemqtt");
        _ = await machine.Run("! ls /etc/devicemqtt && ! ls /var/lib/devicemqtt && ! getent passwd devicemqtt");

        // Another broker has the port.
        await using ChildProcess other = machine.StartInItsNetwork(OutsideProgram.Require("mosquitto", "mosquitto"), ["-p", "1883"]);
        await other.Errors.WaitFor(static line => line.Contains("running", StringComparison.Ordinal), "mosquitto");
        StringAssert.Contains(await Install(machine, "first"), "it did not start", StringComparison.Ordinal);
        StringAssert.Contains(await machine.Run("dpkg -l devicemqtt"), "ii  devicemqtt", StringComparison.Ordinal);
        StringAssert.Contains(await machine.Run("journalctl --sync; journalctl -u devicemqtt -o cat"), "cannot listen on 127.0.0.1:1883: Address already in use", StringComparison.Ordinal);
    }

    // Away and back, a newer version and back.
    private static async Task ComeAndGo(BareMachine machine, string package)
    {
        await Repack(package, Path.Combine(machine.Root, "srv", "second.deb"));
        _ = await machine.Run("apt-get remove -y devicemqtt");
        Assert.AreEqual("inactive", (await machine.Try("systemctl is-active devicemqtt")).Said);
        _ = await Install(machine, "first");
        StringAssert.Contains(await machine.Run("systemctl is-active devicemqtt && devicemqtt user list"), "maria", StringComparison.Ordinal);

        // A newer version has another template: settings of one's own stay, nothing is asked. And back again.
        StringAssert.Contains(await Install(machine, "second"), "your settings stay", StringComparison.Ordinal);
        StringAssert.Contains(await machine.Run("systemctl is-active devicemqtt && devicemqtt user list && cat /etc/devicemqtt/gateway.json"), "mqtts://*:8883", StringComparison.Ordinal);
        _ = await Install(machine, "first");
        StringAssert.Contains(await machine.Run("systemctl is-active devicemqtt && devicemqtt user list"), "maria", StringComparison.Ordinal);
        _ = await machine.Run("systemctl disable --now devicemqtt");
        _ = await Install(machine, "second");
        Assert.AreEqual("inactive", (await machine.Try("systemctl is-active devicemqtt")).Said, "it was switched off");
    }

    private static Task<string> Install(BareMachine machine, string name) => machine.Run($"apt-get install -y --no-install-recommends --allow-downgrades /srv/{name}.deb");

    // The same package with a higher version and another template of the settings.
    private static async Task Repack(string package, string to)
    {
        using TestFolder folder = new();
        string dpkg = OutsideProgram.Require("dpkg-deb", "dpkg");
        string tree = folder.File("tree");
        await using (ChildProcess unpack = ChildProcess.Start(dpkg, ["-R", package, tree]))
            Assert.AreEqual(0, await unpack.WaitForExit(), unpack.Transcript());
        string control = Path.Combine(tree, "DEBIAN", "control"), postinst = Path.Combine(tree, "DEBIAN", "postinst");
        string first = await File.ReadAllTextAsync(control);
        string version = Version().Match(first).Groups["version"].Value;
        await File.WriteAllTextAsync(control, first.Replace($"Version: {version}\n", "Version: 99.0.0\n", StringComparison.Ordinal));
        await File.WriteAllTextAsync(postinst, (await File.ReadAllTextAsync(postinst)).Replace(version, "99.0.0", StringComparison.Ordinal));
        await File.AppendAllTextAsync(Path.Combine(tree, "usr", "share", "devicemqtt", "gateway.json"), "\n// One more setting.\n");
        await using ChildProcess pack = ChildProcess.Start(dpkg, ["--root-owner-group", "-Zgzip", "-z1", "--build", tree, to]);
        Assert.AreEqual(0, await pack.WaitForExit(TimeSpan.FromMinutes(1)), pack.Transcript());
    }

    [GeneratedRegex("^Version: (?<version>.+)$", RegexOptions.Multiline | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
