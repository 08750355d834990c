using System.Text;

namespace DeviceMqtt.Gateway.Settings;

/// <summary>
/// The service that <c>service install</c> has made of this very program, for its commands: they work on the settings and the data of that service, as the command
/// of the package does by its environment.
/// </summary>
internal static class InstalledService
{
    /// <summary>Where its unit is.</summary>
    public const string UnitPath = "/etc/systemd/system/devicemqtt.service";

    /// <summary>Where systemd has its data.</summary>
    public const string StateFolder = "/var/lib/devicemqtt";

    private const int UnitBytesMax = 64 * 1024; // ours has three thousand
    private const string Starts = "ExecStart=";
    private const string WithSettings = " run --config ";

    /// <summary>The environment; where it says nothing of a service, what the unit says.</summary>
    /// <param name="name">Of the variable.</param>
    public static string? Variable(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } set ? set : Fallback(name, UnitPath, OwnCommand());

    /// <summary>What a unit says in place of a variable.</summary>
    /// <param name="name">Of the variable.</param>
    /// <param name="unitPath">The unit; one that is not there says nothing.</param>
    /// <param name="command">What starts this program: the unit of another program says nothing.</param>
    internal static string? Fallback(string name, string unitPath, string? command) => name switch
    {
        SettingsFile.Variable => SettingsIn(unitPath, command),
        SettingsFile.StateVariable when SettingsIn(unitPath, command) is not null => StateFolder,
        _ => null,
    };

    /// <summary>The program itself, or dotnet with it; null where the system does not say.</summary>
    public static string? OwnCommand()
    {
        if (Environment.ProcessPath is not { } program)
            return null;
        string own = typeof(InstalledService).Assembly.GetName().Name!;
        return Path.GetFileNameWithoutExtension(program) == own || Path.GetFileName(program) == own ? program : $"{program} {Path.Combine(AppContext.BaseDirectory, own + ".dll")}";
    }

    private static string? SettingsIn(string unitPath, string? command)
    {
        try
        {
            if (command is null || new FileInfo(unitPath) is not { Exists: true, Length: <= UnitBytesMax })
                return null;
            string program = ProgramOf(command);
            foreach (string line in File.ReadLines(unitPath, Encoding.UTF8))
            {
                int end = line.IndexOf(WithSettings, StringComparison.Ordinal);
                if (end > 0 && line.StartsWith(Starts, StringComparison.Ordinal) && ProgramOf(line[Starts.Length..end]) == program)
                    return line[(end + WithSettings.Length)..].Trim() is { Length: > 0 } file ? file : null;
            }

            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null; // as one that is not there
        }
    }

    // The same program is started with dotnet, by its DLL, or by the file beside that.
    private static string ProgramOf(string command)
    {
        string file = command[(command.LastIndexOf(' ') + 1)..];
        return file.EndsWith(".dll", StringComparison.Ordinal) ? file[..^".dll".Length] : file;
    }
}
