using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Migration;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;

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
        string? into = to is null ? null : dataFolder; // null where nothing is changed
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        MosquittoImport import = MosquittoConf.Read(File.ReadLines(file), new MosquittoFolders(folder));
        // The files before anything is written: what clients without a user may stands in the settings.
        Taken<UserEntry>? users = ReadUsers(import, folder);
        Taken<RoleRights>? roles = ReadRights(import, folder, NewOf(users, into));
        byte[] json = ImportCheck.Sound(import, dataFolder);
        if (to is null)
            Console.Write(System.Text.Encoding.UTF8.GetString(json));
        else
            Write(to, json, dataFolder);
        bool isWhole = Say(file, import.Notes) && (users is null) == (import.PasswordFile is null) && (roles is null) == (import.AclFile is null);
        // Both before either is looked at twice: a user's role has to be there.
        if (users is not null)
            isWhole &= TakeUsers(users, into);
        if (roles is not null)
            isWhole &= TakeRights(roles, into);
        foreach (string remark in import.Remarks)
            Console.Error.WriteLine($"note: {remark}");
        if (to is not null)
            Console.WriteLine($"{to}: look through it, then start the gateway with --config {to}");
        return isWhole ? 0 : RunCommand.Failed;
    }

    /// <summary>What a file of mosquitto has.</summary>
    private sealed record Taken<T>(string Path, Dictionary<string, T> Entries, List<ImportNote> Notes);

    private static void Write(string to, byte[] json, string dataFolder)
    {
        using (FileStream file = PrivateFile.Create(to))
            file.Write(json);
        // There may be a password in it, so nobody else reads it; the gateway has to, and its account is that of its data.
        if (Directory.Exists(dataFolder))
            PrivateFile.GiveAs(to, dataFolder);
    }

    private static Taken<UserEntry>? ReadUsers(MosquittoImport import, string folder)
    {
        if (import.PasswordFile is not { } name || Find(folder, name, "user import") is not { } path)
            return null;
        List<ImportNote> notes = [];
        return new Taken<UserEntry>(path, PasswordFileImport.Read(File.ReadLines(path), import.RoleOfUsers, notes, import.ClientIds), notes);
    }

    // Those that are there already stay as they are.
    private static string[] NewOf(Taken<UserEntry>? users, string? dataFolder)
    {
        IReadOnlyDictionary<string, UserEntry> before = users is null || dataFolder is null ? new Dictionary<string, UserEntry>() : new UserFile(dataFolder).RequireUsers();
        return [.. users?.Entries.Keys.Where(name => !before.ContainsKey(name)) ?? []];
    }

    private static Taken<RoleRights>? ReadRights(MosquittoImport import, string folder, IReadOnlyCollection<string> users)
    {
        if (import.AclFile is not { } name)
            return null;
        RoleRights anonymous = new();
        List<ImportNote> notes = [];
        Taken<RoleRights>? taken = Find(folder, name, "acl import") is { } path ? new Taken<RoleRights>(path, AclFileImport.Read(File.ReadLines(path), notes, users, anonymous, import.IsNamedByUser), notes) : null;
        if (import.IsAnonymous)
            import.LetAnybodyIn(taken is null ? null : anonymous);
        return taken;
    }

    private static bool TakeUsers(Taken<UserEntry> users, string? dataFolder)
    {
        if (dataFolder is null)
        {
            Console.Error.WriteLine($"{users.Path}: {users.Entries.Count} users would be taken over");
            return Say(users.Path, users.Notes);
        }

        int added = new UserFile(dataFolder).Import(users.Entries);
        AuditFile.Changed(dataFolder, $"import, {added} users");
        Console.WriteLine($"{users.Path}: {added} users taken over, {users.Entries.Count - added} were there already");
        return Say(users.Path, users.Notes);
    }

    private static bool TakeRights(Taken<RoleRights> roles, string? dataFolder)
    {
        if (dataFolder is null)
            Console.Error.WriteLine($"{roles.Path}: {roles.Entries.Count} roles would be taken over");
        else
            UserCommand.TakeOver(dataFolder, roles.Entries);
        return Say(roles.Path, roles.Notes);
    }

    // Beside the mosquitto.conf where it was copied from another machine.
    private static string? Find(string folder, string name, string command)
    {
        string? found = Array.Find([Path.Combine(folder, name), Path.Combine(folder, Path.GetFileName(name))], File.Exists);
        if (found is null)
            Console.Error.WriteLine($"there is no file '{name}', nor one of that name in '{folder}': take it over with '{command}'");
        return found;
    }

    private static bool Say(string file, List<ImportNote> notes)
    {
        foreach (ImportNote note in notes)
            Console.Error.WriteLine($"{SafeText.Of(note.File ?? file, 300)}, {note}");
        return notes.Count == 0;
    }
}
