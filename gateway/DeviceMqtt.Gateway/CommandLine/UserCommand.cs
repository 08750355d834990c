using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>user add|list|password|role|remove|import</c> and <c>acl import</c>: who may connect. A gateway that runs sees it within a second, and ends the
/// connections that lost their right. Exit codes: 0 done, 1 it could not be done, 2 wrong words.
/// </summary>
internal static class UserCommand
{
    public static IEnumerable<Command> All()
    {
        Command user = new("user", "Let people and programs in, and say what they may do.");
        foreach (Command command in (Command[])[Add(), List(), Password(), Role(), Remove(), Import(), UserCodeCommand.Create()])
            user.Subcommands.Add(command);
        return [user, new Command("acl", "Rights of other brokers.") { ImportAcl() }];
    }

    private static Command Add()
    {
        Argument<string> name = NameArgument();
        Option<string> role = new("--role") { Description = "device, operator, bridge, monitor, or one of your own (Security:Rights of the settings, acl import).", DefaultValueFactory = _ => Roles.Operator };
        Option<string[]> clientIds = new("--client-id") { Description = "Client Identifier it may connect with, * for any characters; may repeat. Default: a device its own name, all others any." };
        Option<string?> file = PasswordOption();
        Option<bool> key = new("--access-key") { Description = "NAME is an access key, and the password its secret: for clients that log in with Signature|KEY|INSTANCE." };
        Option<string?> data = DeviceWords.DataOption();
        Option<string?> config = DeviceWords.ConfigOption();
        Command command = new("add", "Makes a user.") { name, role, clientIds, file, key, config, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            UserFile users = new(folder);
            string user = parsed.GetValue(name)!;
            if (users.Users.ContainsKey(user))
                return Wrong($"there is a user '{user}'; 'user password' gives it another password, 'user role' another role");
            if (WrongRole(folder, parsed.GetValue(config), parsed.GetValue(role)!) is { } wrongRole)
                return Wrong(wrongRole);
            bool isKey = parsed.GetValue(key);
            if (isKey && user.Contains('|', StringComparison.Ordinal))
                return Wrong("an access key has no | in it: it stands between two of them when a client logs in");
            if (!TryReadPassword(parsed.GetValue(file), user, isKey, out string password, out bool isMade))
                return RunCommand.WrongSetting;
            bool isFirst = !users.MayHaveUsers;
            UserEntry entry = new() { Role = parsed.GetValue(role)!, ClientIds = parsed.GetValue(clientIds) ?? [] };
            users.Set(user, isKey ? entry with { Secret = password } : entry with { Password = HashOf(password, isMade) });
            AuditFile.Changed(folder, $"user add {user}, {entry.Role}");
            Console.WriteLine(isMade ? $"{user} may connect, as {entry.Role}, with the password {password}" : $"{user} may connect, as {entry.Role}");
            if (isFirst)
                Console.WriteLine("this is the first user: from now on clients of this machine need a user name and password, too; only this command line does not");
            return 0;
        }));
        return command;
    }

    private static Command List()
    {
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("list", "Prints the users of the data folder: name, role, Client Identifiers.") { data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            foreach ((string name, UserEntry user) in new UserFile(DeviceWords.DataFolder(parsed.GetValue(data))).RequireUsers().OrderBy(static u => u.Key, StringComparer.Ordinal))
                Console.WriteLine($"{SafeText.Of(name)}  {SafeText.Of(user.Role)}  {(user.ClientIds.Count == 0 ? "-" : string.Join(' ', user.ClientIds.Select(static id => SafeText.Of(id))))}{(user.Secret is null ? "" : "  access key")}");
            return 0;
        }));
        return command;
    }

    private static Command Password()
    {
        Argument<string> name = NameArgument();
        Option<string?> file = PasswordOption();
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("password", "Gives a user another password; its connections end.") { name, file, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            UserFile users = new(folder);
            string user = parsed.GetValue(name)!;
            if (!users.Users.TryGetValue(user, out UserEntry? entry))
                throw new IOException($"there is no user '{user}' in {folder}");
            if (!TryReadPassword(parsed.GetValue(file), user, entry.Secret is not null, out string password, out bool isMade))
                return RunCommand.WrongSetting;
            _ = users.Update(user, old => old.Secret is not null ? old with { Secret = password } : old with { Password = HashOf(password, isMade), Imported = null });
            AuditFile.Changed(folder, $"user password {user}");
            Console.WriteLine(isMade ? $"{user} has the password {password}" : $"{user} has another password");
            return 0;
        }));
        return command;
    }

    private static Command Role()
    {
        Argument<string> name = NameArgument();
        Argument<string> role = new("ROLE") { Description = "device, operator, bridge, monitor, or one of your own (Security:Rights of the settings, acl import)." };
        Option<string[]> clientIds = new("--client-id") { Description = "Client Identifier it may connect with from now on, * for any characters; may repeat. Default: as before." };
        Option<string?> data = DeviceWords.DataOption();
        Option<string?> config = DeviceWords.ConfigOption();
        Command command = new("role", "Gives a user another role; its connections end.") { name, role, clientIds, config, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            string user = parsed.GetValue(name)!;
            string wanted = parsed.GetValue(role)!;
            if (WrongRole(folder, parsed.GetValue(config), wanted) is { } wrongRole)
                return Wrong(wrongRole);
            string[] ids = parsed.GetValue(clientIds) ?? [];
            if (!new UserFile(folder).Update(user, entry => entry with { Role = wanted, ClientIds = ids.Length > 0 ? ids : entry.ClientIds }))
                throw new IOException($"there is no user '{user}' in {folder}");
            AuditFile.Changed(folder, $"user role {user} {wanted}");
            Console.WriteLine($"{user} is {wanted}");
            return 0;
        }));
        return command;
    }

    private static Command Remove()
    {
        Argument<string> name = NameArgument();
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("remove", "Lets a user in no more; its connections and Sessions end.") { name, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            string user = parsed.GetValue(name)!;
            RemoveUser(folder, user, "user", users => users.ContainsKey(user) ? null : $"there is no user '{user}'");
            return 0;
        }));
        return command;
    }

    /// <summary>Takes a user out of the data folder, and says so.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="name">Of the user.</param>
    /// <param name="what">It is called, <c>user</c> or <c>device</c>.</param>
    /// <param name="rule">Who may be removed so.</param>
    /// <exception cref="IOException">There is no such user, or the file cannot be written.</exception>
    public static void RemoveUser(string folder, string name, string what, UserRule rule)
    {
        UserFile users = new(folder);
        if (users.TryRemove(name, rule) is { } wrong)
            throw new IOException($"{wrong} (in {folder})");
        AuditFile.Changed(folder, $"{what} remove {name}");
        Console.WriteLine($"{SafeText.Of(name)} removed");
        if (!users.MayHaveUsers)
            Console.WriteLine("this was the last user of the data folder: unless the settings have users, clients of this machine need none again");
    }

    private static Command Import()
    {
        Argument<string> file = new("FILE") { Description = "A password file of mosquitto." };
        Option<string> role = new("--role") { Description = "Role of all its users.", DefaultValueFactory = _ => Roles.Device };
        Option<string?> data = DeviceWords.DataOption();
        Option<string?> config = DeviceWords.ConfigOption();
        Command command = new("import", "Takes over the users of mosquitto; those that are there already stay as they are.") { file, role, config, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            if (WrongRole(folder, parsed.GetValue(config), parsed.GetValue(role)!) is { } wrongRole)
                return Wrong(wrongRole);
            List<ImportNote> notes = [];
            Dictionary<string, UserEntry> users = PasswordFileImport.Read(File.ReadLines(parsed.GetValue(file)!), parsed.GetValue(role)!, notes);
            int added = new UserFile(folder).Import(users);
            AuditFile.Changed(folder, $"user import, {added} users");
            Console.WriteLine($"{added} users taken over, {users.Count - added} were there already");
            return Say(notes);
        }));
        return command;
    }

    private static Command ImportAcl()
    {
        Argument<string> file = new("FILE") { Description = "An ACL file of mosquitto." };
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("import", "Makes a role of each user's topics, and gives it to the user if it is there.") { file, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            List<ImportNote> notes = [];
            Dictionary<string, RoleRights> roles = AclFileImport.Read(File.ReadLines(parsed.GetValue(file)!), notes);
            TakeOver(folder, roles);
            return Say(notes);
        }));
        return command;
    }

    /// <summary>Keeps the roles of an ACL file, each under the name of its user, and gives them to those that are there.</summary>
    public static void TakeOver(string folder, Dictionary<string, RoleRights> roles)
    {
        Dictionary<string, RoleRights> named = new(StringComparer.OrdinalIgnoreCase); // as the names of roles are
        Dictionary<string, string> roleOf = new(StringComparer.Ordinal);
        foreach ((string user, RoleRights rights) in roles)
        {
            string role = $"acl-{user}";
            for (int number = 2; !named.TryAdd(role, rights); number++)
                role = $"acl-{user}-{number}";
            roleOf.Add(user, role);
        }

        new RoleFile(folder).Set(named);
        UserFile users = new(folder);
        foreach ((string user, string role) in roleOf)
            Console.WriteLine(users.Update(user, entry => entry with { Role = role }) ? $"{SafeText.Of(user)} has the role {SafeText.Of(role)}" : $"the role {SafeText.Of(role)} is there, and no user '{SafeText.Of(user)}'");
        AuditFile.Changed(folder, $"acl import, {roles.Count} roles");
    }

    private static int Say(List<ImportNote> notes)
    {
        foreach (ImportNote note in notes)
            Console.Error.WriteLine(note);
        return notes.Count == 0 ? 0 : RunCommand.Failed;
    }

    private static Argument<string> NameArgument()
    {
        Argument<string> name = new("NAME") { Description = "The user name." };
        name.Validators.Add(static result =>
        {
            if (UserName.Check(result.GetValueOrDefault<string>() ?? "") is { } wrong)
                result.AddError($"NAME: {wrong}");
        });
        return name;
    }

    private static Option<string?> PasswordOption() => new("--password-file") { Description = "File with the password in its first line, or - for standard input. Without it you are asked; an empty answer makes one." };

    /// <summary>Why nobody can have a role: the gateway has none of that name, nor has its data folder, nor have its settings. Null when it is one.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="config">The settings; null for those that count for the folder.</param>
    /// <param name="role">Its name; case does not count.</param>
    /// <exception cref="SettingException">The role may stand in the settings, and these cannot be read.</exception>
    internal static string? WrongRole(string folder, string? config, string role)
    {
        IReadOnlyDictionary<string, RoleRights> own = new RoleFile(folder).Roles;
        if (Roles.BuiltIn.ContainsKey(role) || own.ContainsKey(role))
            return null;
        string? file = config ?? SettingsFile.FindIn(folder);
        Dictionary<string, RoleRights> settings = DeviceWords.SettingsOf(folder, file).Security.Rights;
        return settings.ContainsKey(role) ? null
            : $"there is no role '{SafeText.OfName(role)}' in this data folder or {(file is null ? "in settings, of which there are none (--config)" : $"in '{file}'")}: {string.Join(", ", Roles.BuiltIn.Keys.Concat(own.Keys).Concat(settings.Keys).Distinct(StringComparer.OrdinalIgnoreCase).Select(static r => SafeText.Of(r)))}";
    }

    // One that was made needs no slow hash: nobody can guess it.
    private static string HashOf(string password, bool isMade) => isMade ? PasswordHash.Create(password) : PasswordHash.Create(password, PasswordHash.IterationsOfPeople);

    private static bool TryReadPassword(string? file, string user, bool isSecret, out string password, out bool isMade)
    {
        isMade = false;
        password = "";
        if (file is null && Console.IsInputRedirected)
            return Wrong("say --password-file FILE, or - for standard input") == 0;
        if (file is null)
            Console.Error.Write($"{(isSecret ? "Secret" : "Password")} of '{user}' (empty: one is made): ");
        password = (file is null ? HiddenLine.Read() : file == "-" ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault()) ?? "";
        if (file is null && password.Length == 0)
        {
            (password, isMade) = (DeviceFolder.NewPassword(), true);
            return true;
        }

        return password.Length >= PasswordHash.TypedCharactersMin || Wrong($"a password has {PasswordHash.TypedCharactersMin} characters at least") == 0;
    }

    private static int Wrong(string message)
    {
        Console.Error.WriteLine(message);
        return RunCommand.WrongSetting;
    }
}
