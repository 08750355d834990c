using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// The commands of the documents that no test runs as they stand there, each with its reason. They are parsed
/// (tests/DeviceMqtt.Gateway.Tests, DocumentedCommandTests). All others are run by <see cref="DocumentedRunTests"/>.
/// </summary>
internal static class NotRun
{
    /// <summary>What a command begins with, or contains, and why it is not run. A row that no document needs any more fails a test.</summary>
    public static readonly (string Pattern, string Why)[] Reasons =
    [
        ("^(sudo )?apt ", "installs into the machine; PackageLifeTests do it in one of their own"),
        ("^docker ", "needs a container engine and images of a registry"),
        ("^journalctl ", "needs systemd's journal; ServiceManagerTests look at what gets there"),
        ("^sudo systemctl (edit|enable systemd)", "changes the machine: an editor, and a unit of systemd's own"),
        ("^sudo systemctl enable --now", "needs root and systemd; ServiceInstallTests do it in a machine of their own"),
        ("service install$", "needs root and systemd; ServiceInstallTests do it in a machine of their own"),
        ("^sudo (mkdir -p|tar xzf .* -C|ln -s) .*/usr/share/dotnet", "installs .NET into the machine, from a file that Microsoft has"),
        ("^sudo chown -R devicemqtt:", "the package makes that account, and only root may give files away; OwnerTests do it in a name space"),
        ("^PARTUUID=", "a line of /etc/fstab, and no command"),
        ("firmware/flash\\.sh|nanoff", "needs a board on USB and a download of its runtime; firmware.Tests read what it would run"),
        ("-p:Device=true", "a build with nanoFramework's packages; the workflow 'firmware' runs it"),
        ("^(mkdir -m 700 ~/kitchen|cat > ~/kitchen)", "writes a board's files by hand, of which SettingsPageTests read each member"),
        ("^dotnet run tests/run\\.cs|dotnet test tests|DeviceMqtt\\.Fuzz\\.Tests|gateway/packaging/build\\.cs", "runs the tests or the packaging themselves"),
        ("dotnet publish |DeviceMqtt\\.Benchmarks", "a build of minutes, or a measurement of some"),
        ("Simulator -- demo$", "stays until Ctrl-C and takes ports of its own; DemoTests run it to its end"),
        ("Simulator -- boards", "stays until Ctrl-C, and looks for its gateway on the default port; BoardTests run it"),
        ("-- send ", "needs a board of that name that answers; SendTests have one"),
        ("gateway/samples/|DeviceMqtt\\.Wiring", "started by Samples.Tests and Firmware.Tests, which look at what they do"),
        ("^mosquitto_sub -h (pi|raspberrypi)\\.local ", "needs the name of that machine; CertTests connect with the same options"),
        ("^mosquitto_(sub|pub) -p 1883 -i (garden|kitchen)-1 ", "a sample's users; Samples.Tests connect as them"),
        ("^curl .*dmk_", "needs a key that a person makes in the console; SessionTests and DevicesApiTests ask the same"),
        ("relay aside ", "needs messages that an upstream has refused; RelayFateTests make them, and StatusTests ask for them"),
        ("fleet status ", "needs gateways that tell a broker above of themselves; FleetTests have two"),
        ("--set Otlp:Endpoint", "needs a collector; MetricsDocumentTests look at what would leave"),
    ];

    /// <summary>Why it is not run; null for one that is.</summary>
    public static string? Why(string line) => Array.Find(Reasons, row => Regex.IsMatch(line, row.Pattern, RegexOptions.None, TimeSpan.FromSeconds(1))).Why;
}
