using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Migration;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>import mosquitto.conf</c>: settings, users and rights of mosquitto in the words of this gateway. Exit codes: 0 all was taken over, 1 something was not,
/// and is listed, or could not be done, 2 what came of it is no sound settings file: nothing was written.
/// </summary>
internal static class ImportCommand
{
    public static Command Create()
    {
        Argument<string> file = new("FILE") { Description = "A mosquitto.conf." };
        Option<string?> to = new("--to") { Description = "A new settings file. Without it the settings are printed, and nothing is changed." };
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("import", "Translate a mosquitto.conf; with --to, take over its password and ACL files, too.") { file, to, data };
        command.SetAction(parsed => CommandGuard.Run(() => Run(parsed.GetValue(file)!, parsed.GetValue(to), DeviceWords.DataFolder(parsed.GetValue(data)))));
        return command;
    }

    private static int Run(string file, string? to, string dataFolder)
    {
        if (to is not null && File.Exists(to))
            throw new IOException($"'{to}' is there already: move it away, or name another one");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        MosquittoImport import = MosquittoConf.Read(File.ReadLines(file), new MosquittoFolders(folder));
        byte[] json = ImportCheck.Sound(import, dataFolder);
        if (to is null)
            Console.Write(System.Text.Encoding.UTF8.GetString(json));
        else
            Write(to, json, dataFolder);
        bool isWhole = Say(file, import.Notes);
        // Both before either is looked at twice: a user's role has to be there.
        isWhole &= ImportUsers(import, folder, to is null ? null : dataFolder, out IReadOnlyCollection<string> users);
        isWhole &= ImportRights(import, folder, to is null ? null : dataFolder, users);
        if (to is not null)
            Console.WriteLine($"{to}: look through it, then start the gateway with --config {to}");
        return isWhole ? 0 : RunCommand.Failed;
    }

    private static void Write(string to, byte[] json, string dataFolder)
    {
        using (FileStream file = PrivateFile.Create(to))
            file.Write(json);
        // There may be a password in it, so nobody else reads it; the gateway has to, and its account is that of its data.
        if (Directory.Exists(dataFolder))
            PrivateFile.GiveAs(to, dataFolder);
    }

    private static bool ImportUsers(MosquittoImport import, string folder, string? dataFolder, out IReadOnlyCollection<string> names)
    {
        names = [];
        if (import.PasswordFile is not { } name || Find(folder, name) is not { } path)
            return import.PasswordFile is null;
        List<ImportNote> notes = [];
        Dictionary<string, Security.Users.UserEntry> users = PasswordFileImport.Read(File.ReadLines(path), import.AclFile is null ? MosquittoConf.EverythingRole : Roles.Device, notes);
        // Those that are there already stay as they are.
        IReadOnlyDictionary<string, Security.Users.UserEntry> before = dataFolder is null ? new Dictionary<string, Security.Users.UserEntry>() : new UserFile(dataFolder).RequireUsers();
        names = [.. users.Keys.Where(name => !before.ContainsKey(name))];
        if (dataFolder is null)
        {
            Console.Error.WriteLine($"{path}: {users.Count} users would be taken over");
            return Say(path, notes);
        }

        int added = new UserFile(dataFolder).Import(users);
        AuditFile.Changed(dataFolder, $"import, {added} users");
        Console.WriteLine($"{path}: {added} users taken over, {users.Count - added} were there already");
        return Say(path, notes);
    }

    private static bool ImportRights(MosquittoImport import, string folder, string? dataFolder, IReadOnlyCollection<string> users)
    {
        if (import.AclFile is not { } name || Find(folder, name) is not { } path)
            return import.AclFile is null;
        List<ImportNote> notes = [];
        Dictionary<string, RoleRights> roles = AclFileImport.Read(File.ReadLines(path), notes, users);
        if (dataFolder is null)
            Console.Error.WriteLine($"{path}: {roles.Count} roles would be taken over");
        else
            UserCommand.TakeOver(dataFolder, roles);
        return Say(path, notes);
    }

    // Beside the mosquitto.conf where it was copied from another machine.
    private static string? Find(string folder, string name)
    {
        string? found = Array.Find([Path.Combine(folder, name), Path.Combine(folder, Path.GetFileName(name))], File.Exists);
        if (found is null)
            Console.Error.WriteLine($"there is no file '{name}', nor one of that name in '{folder}': take it over with 'user import' or 'acl import'");
        return found;
    }

    private static bool Say(string file, List<ImportNote> notes)
    {
        foreach (ImportNote note in notes)
            Console.Error.WriteLine($"{SafeText.Of(note.File ?? file, 300)}, {note}");
        return notes.Count == 0;
    }
}
