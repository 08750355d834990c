using System.Xml.Linq;
using DeviceMqtt.EndToEnd.Tests.Packages;
using DeviceMqtt.EndToEnd.Tests.Tree;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// A machine with systemd that somebody sits at who follows a page: the commands run there as they stand, as root, with the package of this build in the folder that
/// one is in. <c>sudo</c> is a script, as nobody asks for a password, and <c>dotnet publish</c> copies what is built.
/// </summary>
internal sealed class MachineDesk : IAsyncDisposable
{
    // A service that publishes has .NET as a folder that it may not change: what is unpacked there are links to it.
    private const string NoDotnet = """
        at=$(dirname "$(readlink -f "$(PATH=/usr/bin:/usr/local/sbin command -v dotnet)")")
        mkdir -p /opt/net && mount --bind "$at" /opt/net && mkdir -p /usr/share/dotnet && mount -t tmpfs -o mode=755 tmpfs /usr/share/dotnet && rm -f /usr/bin/dotnet
        mkdir links && for each in dotnet host shared; do ln -s /opt/net/$each links/$each; done
        tar czf aspnetcore-runtime-10.0-linux-arm.tar.gz -C links .
        """;

    // As after the first install, whatever a page has done before.
    private const string Fresh = """
        systemctl stop devicemqtt; systemctl reset-failed devicemqtt
        rm -rf /etc/systemd/system/devicemqtt* /var/lib/private/devicemqtt /var/lib/devicemqtt* /etc/devicemqtt* /mnt/stick ~/*.pem; systemctl daemon-reload
        if dpkg -s devicemqtt > /dev/null 2>&1; then apt-get purge -y devicemqtt > /dev/null; fi
        mkdir /mnt/stick
        """;

    private readonly BareMachine _machine;

    private MachineDesk(BareMachine machine) => _machine = machine;

    public static async Task<MachineDesk> Start()
    {
        BareMachine machine = await BareMachine.StartLikeThis("raspberrypi");
        MachineDesk desk = new(machine);
        try
        {
            using TestFolder folder = new();
            string package = await QuickPackage.Make(folder);
            string version = XDocument.Load(Path.Combine(Repository.Root, "Directory.Build.props")).Descendants("Version").Single().Value;
            foreach (string architecture in (string[])["arm64", "armhf"])
                File.Copy(package, $"{machine.Root}/root/devicemqtt_{version}_{architecture}.deb");
            desk.CopyBuild();
            desk.Program("sudo", "exec \"$@\"");
            desk.Program("dotnet", "[ \"$1 $2\" = 'publish gateway/DeviceMqtt.Gateway' ] || exec /usr/bin/dotnet \"$@\"\nwhile [ \"$1\" != -o ]; do shift; done\ncp -R /srv/build \"$2\"");
            // What an editor would be used for is in the page.
            desk.Program("editor", "for file in \"$@\"; do printf '[Unit]\\nAfter=time-sync.target\\n' > \"$file\"; done");
            _ = await machine.Run("ln -sf /usr/local/bin/editor /usr/bin/editor; echo 'APT::Install-Recommends \"false\";' > /etc/apt/apt.conf.d/99desk; rm -f /usr/sbin/policy-rc.d");
            return desk;
        }
        catch
        {
            await desk.DisposeAsync();
            throw;
        }
    }

    /// <summary>Does away with what another page has left.</summary>
    /// <param name="hasPackage">The page takes the package for granted.</param>
    public async Task BeginAsync(bool hasPackage) => await _machine.Run(Fresh + (hasPackage ? "\napt-get install -y ./devicemqtt_*_arm64.deb" : ""));

    /// <summary>Runs one command to its end, or what a page takes for granted.</summary>
    public Task<(int Code, string Said)> RunAsync(string line)
    {
        string here = line.Replace("secret@192.168.1.10", $"{Desk.Password}@127.0.0.1", StringComparison.Ordinal).Replace("PASSWORD", Desk.Password, StringComparison.Ordinal)
            .Replace("NODOTNET", NoDotnet, StringComparison.Ordinal);
        if (here.Contains("dmk_...", StringComparison.Ordinal))
            here = here.Replace("dmk_...", "$(grep -o 'dmk_[^\"]*' key.json)", StringComparison.Ordinal);
        // A subscriber stays: here it ends when it has its SUBACK. A log is not paged.
        here = here.StartsWith("mosquitto_sub", StringComparison.Ordinal) ? here.Insert("mosquitto_sub".Length, " -E") : here;
        string answer = Desk.Answer(here);
        bool isOnTerminal = Desk.Asks().IsMatch(here) || here.Contains("systemctl edit", StringComparison.Ordinal);
        return isOnTerminal ? _machine.Try(here, answer, answer) : _machine.Try(here);
    }

    public ValueTask DisposeAsync() => _machine.DisposeAsync();

    private void CopyBuild()
    {
        string from = Path.Combine(Repository.Root, "gateway", "DeviceMqtt.Gateway", QuickPackage.Build);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string to = Path.Combine($"{_machine.Root}/srv/build", Path.GetRelativePath(from, file));
            _ = Directory.CreateDirectory(Path.GetDirectoryName(to)!);
            File.Copy(file, to);
        }
    }

    private void Program(string name, string script)
    {
        string path = $"{_machine.Root}/usr/local/bin/{name}";
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
    }
}
