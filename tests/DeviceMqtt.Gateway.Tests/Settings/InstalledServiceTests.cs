using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>The commands of a program that has installed itself as a service work on the settings and the data of that service.</summary>
[TestClass]
internal sealed class InstalledServiceTests : IDisposable
{
    private const string Command = "/usr/bin/dotnet /opt/devicemqtt/DeviceMqtt.Gateway.dll";
    private readonly string _unit = Path.Combine(Path.GetTempPath(), $"devicemqtt-{Guid.NewGuid():N}.service");

    public void Dispose() => File.Delete(_unit);

    [TestMethod]
    public void Fallback_UnitOfThisProgram_IsItsSettingsAndData()
    {
        File.WriteAllText(_unit, ServiceCommand.UnitFor(Command));

        Assert.AreEqual("/etc/devicemqtt/gateway.json", InstalledService.Fallback(SettingsFile.Variable, _unit, Command));
        Assert.AreEqual("/var/lib/devicemqtt", SettingsFile.DataOfService(name => InstalledService.Fallback(name, _unit, Command)));
        // The file beside the DLL is the same program.
        Assert.AreEqual("/etc/devicemqtt/gateway.json", InstalledService.Fallback(SettingsFile.Variable, _unit, "/opt/devicemqtt/DeviceMqtt.Gateway"));
    }

    [TestMethod]
    public void Fallback_UnitOfAnotherProgramOrNone_IsNothing()
    {
        Assert.IsNull(InstalledService.Fallback(SettingsFile.Variable, _unit, Command));
        File.WriteAllText(_unit, ServiceCommand.UnitFor("/opt/other/DeviceMqtt.Gateway"));

        Assert.IsNull(InstalledService.Fallback(SettingsFile.Variable, _unit, Command));
        Assert.IsNull(SettingsFile.DataOfService(name => InstalledService.Fallback(name, _unit, Command)));
        Assert.IsNull(InstalledService.Fallback(SettingsFile.Variable, _unit, command: null));
    }

    // Mode 640 and root's: an account that systemd makes with each start has to be given it.
    [TestMethod]
    public void UnitFor_WithoutAPackage_GivesTheSettingsToTheServiceBeforeItsStart()
    {
        string[] lines = ServiceCommand.UnitFor(Command).Split('\n');

        Assert.Contains("DynamicUser=true", lines);
        Assert.Contains("ExecStartPre=-+/bin/chgrp --reference=/var/lib/devicemqtt/. /etc/devicemqtt/gateway.json", lines);
    }
}
