using System.CommandLine;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>service install|remove</c>: a service of systemd without a package, by the unit of the package. Exit codes: 0 done, 1 it could not be done.</summary>
internal static class ServiceCommand
{
    private const string Name = "devicemqtt";
    private const string Unit = Name + ".service";
    private const string UnitFolder = "etc/systemd/system";
    private const string SettingsFolder = "etc/" + Name;
    private const UnixFileMode SettingsMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead; // there may be the password of an upstream in it

    // The account is another one after each start, perhaps; its data folder has it by then.
    private const string ReadSettings = $"ExecStartPre=-+/bin/chgrp --reference={InstalledService.StateFolder}/. /etc/{Name}/{SettingsFile.Name}";
    private const string Packaged = "/usr/lib/devicemqtt/DeviceMqtt.Gateway"; // what the unit of the package starts

    public static Command Create()
    {
        Option<string> root = new("--root") { Description = "Write below this folder, as into an image that is being made.", DefaultValueFactory = _ => "/" };
        Command install = new("install", "Write the unit of systemd, and the settings if there are none.") { root };
        install.SetAction(parsed => CommandGuard.Run(() => Install(parsed.GetValue(root)!)));
        Command remove = new("remove", "Take the unit away; settings and data stay.") { root };
        remove.SetAction(parsed => CommandGuard.Run(() => Remove(parsed.GetValue(root)!)));
        return new Command("service", "Run the gateway as a service of systemd, where no package was installed.") { install, remove };
    }

    /// <summary>The unit for a program.</summary>
    /// <param name="command">What starts it, with its whole path.</param>
    public static string UnitFor(string command)
    {
        using Stream resource = typeof(ServiceCommand).Assembly.GetManifestResourceStream(Unit)!;
        using StreamReader reader = new(resource, Encoding.UTF8);
        return reader.ReadToEnd()
            .Replace(Packaged, command, StringComparison.Ordinal)
            // Nobody has made an account: systemd does, for as long as it runs.
            .Replace($"User={Name}\nGroup={Name}\n", $"User={Name}\nDynamicUser=true\n{ReadSettings}\n", StringComparison.Ordinal);
    }

    private static int Install(string root)
    {
        string unit = Path.Combine(root, UnitFolder, Unit);
        string settings = Path.Combine(root, SettingsFolder, SettingsFile.Name);
        if (File.Exists(Path.Combine(root, "usr/lib/systemd/system", Unit)) || File.Exists(Path.Combine(root, "lib/systemd/system", Unit)))
            throw new IOException($"a package has installed {Unit} already");
        string command = OwnCommand();
        Directory.CreateDirectory(Path.GetDirectoryName(unit)!);
        File.WriteAllText(unit, UnitFor(command));
        Console.WriteLine($"{unit}: starts {command}");
        if (!File.Exists(settings))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings)!);
            // Nothing secret is in it yet: what is written into it later finds the mode as it is.
            File.WriteAllText(settings, SettingsTemplate.Write(new SettingsReference(AppContext.BaseDirectory), new Dictionary<string, string>(StringComparer.Ordinal) { [nameof(GatewayOptions.Data)] = InstalledService.StateFolder }));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(settings, SettingsMode);
            Console.WriteLine($"{settings}: every setting with its default");
        }
        else if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(settings) & UnixFileMode.OtherRead) != UnixFileMode.None)
        {
            // One of an earlier version, or of somebody's own: there may be a password in it.
            File.SetUnixFileMode(settings, SettingsMode);
            Console.WriteLine($"{settings}: everybody could read it; now root and the service alone");
        }

        Console.WriteLine($"now: systemctl daemon-reload && systemctl enable --now {Name}");
        Console.WriteLine($"the commands of this program work on that service from now on, as root: {command} user add NAME");
        return 0;
    }

    private static int Remove(string root)
    {
        string unit = Path.Combine(root, UnitFolder, Unit);
        if (!File.Exists(unit))
            throw new IOException($"there is no '{unit}'");
        File.Delete(unit);
        Console.WriteLine($"{unit} is gone; now: systemctl disable --now {Name} && systemctl daemon-reload");
        return 0;
    }

    /// <summary>Whether the hardening of the unit hides a file from the service: in somebody's home, or in a folder for what passes.</summary>
    public static bool IsHidden(string path) => path.Split('/') is ["", "home" or "root" or "tmp" or "var", ..] parts && (parts[1] != "var" || parts[2] == "tmp");

    // The program itself, or dotnet with it.
    private static string OwnCommand()
    {
        string command = InstalledService.OwnCommand() ?? throw new IOException("the system does not say which program this is");
        if (Array.Find(command.Split(' '), IsHidden) is { } path)
            throw new SettingException($"'{path}' is not there for a service (ProtectHome, PrivateTmp): publish the program to /opt/{Name}, and run it from there");
        return command.Contains('\'', StringComparison.Ordinal) || command.Contains('%', StringComparison.Ordinal) ? throw new SettingException($"'{command}' has characters that a unit cannot have") : command;
    }
}
