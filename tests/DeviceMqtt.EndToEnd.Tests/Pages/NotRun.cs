using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// The commands of the documents that no test runs as they stand there, each with its reason, and those that only a machine of their own can run
/// (<see cref="DocumentedMachineTests"/>). All are parsed (tests/DeviceMqtt.Gateway.Tests, DocumentedCommandTests).
/// </summary>
internal static class NotRun
{
    /// <summary>What a command begins with, or contains, and why it is not run. A row that no document needs any more fails a test.</summary>
    public static readonly (string Pattern, string Why)[] Reasons =
    [
        ("^sudo apt update", "needs the network, and nothing else"),
        ("^docker ", "needs a container engine and images of a registry; ServiceInstallTests go through the Dockerfile"),
        ("-p:Device=true", "a build with nanoFramework's packages; the workflow 'firmware' runs it"),
        ("^PARTUUID=", "a line of /etc/fstab, and no command"),
        ("user role homeassistant home ", "needs the role in the settings, as the page shows it above; RoleTests have one"),
    ];

    /// <summary>What needs root, systemd and a machine that may be changed.</summary>
    public static readonly (string Pattern, string Why)[] OnMachineOnly =
    [
        ("^sudo apt install", "installs the package"),
        ("^journalctl ", "needs systemd's journal"),
        ("^sudo systemctl (edit|enable)", "changes the units of systemd"),
        ("service install$|/opt/devicemqtt$", "makes a service of systemd"),
        ("^sudo dotnet /opt/devicemqtt/.* (user|cert) ", "needs the service that it has made"),
        ("^sudo install ", "needs the account, or a file, that the package brings"),
        ("^sudo cp /var/lib/devicemqtt/settings-in-force", "needs the settings of the package"),
        ("^sudo (mkdir -p|tar xzf .* -C|ln -s) .*/usr/share/dotnet", "installs .NET"),
        ("^sudo chown -R devicemqtt:", "needs the account that the package makes"),
        ("^mosquitto_sub -h raspberrypi\\.local |http.*raspberrypi\\.local", "needs a machine of that name"),
    ];

    /// <summary>Why it is not run at all; null for one that is.</summary>
    public static string? Why(string line) => Find(Reasons, line);

    /// <summary>Why it is not run at a desk; null for one that is.</summary>
    public static string? WhyAtDesk(string line) => Why(line) ?? Find(OnMachineOnly, line);

    private static string? Find((string Pattern, string Why)[] rows, string line) => Array.Find(rows, row => Regex.IsMatch(line, row.Pattern, RegexOptions.None, TimeSpan.FromSeconds(1))).Why;
}
