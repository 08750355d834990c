using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Security.Import;

/// <summary>
/// Reads an ACL file of mosquitto (mosquitto.conf(5), acl_file): <c>topic</c> lines of each user become a role of the user's name with the
/// <c>pattern</c> lines of all. What there is no word for here is noted: <c>deny</c>, and topics for clients without a user.
/// </summary>
internal static class AclFileImport
{
    private const string Any = "readwrite";

    /// <param name="lines">Of the file.</param>
    /// <param name="notes">Gets the lines that were not taken over, with why.</param>
    /// <param name="users">Users that are taken over with it: who is not in the file has what the patterns say, and nothing else, as in mosquitto.</param>
    /// <returns>Roles by the name of their user.</returns>
    public static Dictionary<string, RoleRights> Read(IEnumerable<string> lines, List<ImportNote> notes, IEnumerable<string>? users = null)
    {
        Dictionary<string, RoleRights> roles = new(StringComparer.Ordinal);
        foreach (string name in users ?? [])
            roles[name] = new RoleRights();
        List<(string Access, string Filter)> patterns = [];
        string? user = null;
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            string text = line.Trim();
            if (text.Length == 0 || text[0] == '#')
                continue;
            string[] words = text.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            string rest = words.Length > 1 ? words[1] : "";
            if (words[0] == "user" && rest.Length > 0)
                _ = roles.TryAdd(user = rest, new RoleRights());
            else if (words[0] is not ("topic" or "pattern") || rest.Length == 0)
                notes.Add(new ImportNote(number, $"'{words[0]}' is not user, topic or pattern"));
            else if (!TrySplit(words[0], rest, out string access, out string filter, out string wrong))
                notes.Add(new ImportNote(number, wrong));
            else if (words[0] == "pattern")
                patterns.Add((access, filter));
            else if (user is null)
                notes.Add(new ImportNote(number, "a topic before the first user is for clients without one: Security:AnonymousRole says what they may"));
            else
                Add(roles[user], access, filter);
        }

        foreach (RoleRights role in roles.Values)
            foreach ((string access, string filter) in patterns)
                Add(role, access, filter);
        if (roles.Count == 0 && patterns.Count > 0)
            notes.Add(new ImportNote(number, "there are patterns and no user: write them as Security:Rights of a role"));
        return roles;
    }

    private static bool TrySplit(string kind, string rest, out string access, out string filter, out string wrong)
    {
        wrong = "";
        string[] words = rest.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool hasAccess = words.Length == 2 && words[0] is "read" or "write" or Any or "deny";
        (access, filter) = hasAccess && words.Length == 2 ? (words[0], words[1]) : (Any, rest);
        if (access == "deny")
            wrong = "deny has no word here: leave out of the rules what nobody is to have";
        else if (kind == "topic")
            filter = filter.Replace("%", "%%", StringComparison.Ordinal); // only patterns have placeholders there
        if (wrong.Length == 0 && RuleText.Check(filter) is { } why)
            wrong = $"'{SafeText.Of(filter, 200)}' cannot be a rule: {why}";
        return wrong.Length == 0;
    }

    private static void Add(RoleRights role, string access, string filter)
    {
        if (access is "write" or Any)
            role.Publish.Add(filter);
        if (access is "read" or Any)
            role.Subscribe.Add(filter);
        // Whoever could write to any topic could command.
        role.Commands |= access is not "read" && FilterCover.Covers(filter, "+/p2p/+");
    }
}
