using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Relay.Mapping;

namespace DeviceMqtt.Gateway.Security.Import;

/// <summary>
/// Reads an ACL file of mosquitto (mosquitto.conf(5), acl_file): <c>topic</c> lines of each user become a role of the user's name with the
/// <c>pattern</c> lines of all. What there is no word for here is noted: topics for clients without a user, and <c>deny</c>. Rules that allow what a <c>deny</c>
/// takes away are left out: a user has less than before then, and never more.
/// </summary>
internal static class AclFileImport
{
    private const string Any = "readwrite";
    private const string Deny = "deny";

    /// <param name="lines">Of the file.</param>
    /// <param name="notes">Gets the lines that were not taken over, with why.</param>
    /// <param name="users">Users that are taken over with it: who is not in the file has what the patterns say, and nothing else, as in mosquitto.</param>
    /// <param name="anonymous">Gets what clients without a user may; their topics are noted when it is null.</param>
    /// <param name="isNamedByUser">The user name was the Client Identifier there (use_username_as_clientid): <c>%c</c> stands for it.</param>
    /// <returns>Roles by the name of their user.</returns>
    public static Dictionary<string, RoleRights> Read(IEnumerable<string> lines, List<ImportNote> notes, IEnumerable<string>? users = null, RoleRights? anonymous = null, bool isNamedByUser = false)
    {
        Dictionary<string, RoleRights> roles = new(StringComparer.Ordinal);
        foreach (string name in users ?? [])
            roles[name] = new RoleRights();
        List<(string Access, string Filter)> patterns = [];
        List<(string? User, string Filter, int Line)> denied = [];
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
            else if (!TrySplit(words[0], rest, isNamedByUser, out string access, out string filter, out string wrong))
                notes.Add(new ImportNote(number, wrong));
            else if (access == Deny)
                denied.Add((words[0] == "pattern" ? null : user, filter, number));
            else if (words[0] == "pattern")
                patterns.Add((access, filter));
            else if (user is null && anonymous is not null)
                Add(anonymous, access, filter);
            else if (user is null)
                notes.Add(new ImportNote(number, "a topic before the first user is for clients without one: Security:AnonymousRole says what they may"));
            else
                Add(roles[user], access, filter);
        }

        foreach (RoleRights role in anonymous is null ? roles.Values : roles.Values.Append(anonymous))
            foreach ((string access, string filter) in patterns)
                Add(role, access, filter);
        foreach ((string? of, string filter, int line) in denied)
        {
            IEnumerable<RoleRights> these = of is null ? roles.Values : roles.Where(role => role.Key == of).Select(static role => role.Value);
            notes.Add(new ImportNote(line, Take(filter, of is null && anonymous is not null ? these.Append(anonymous) : these)));
        }

        if (roles.Count == 0 && patterns.Count > 0)
            notes.Add(new ImportNote(number, "there are patterns and no user: write them as Security:Rights of a role"));
        return roles;
    }

    private static bool TrySplit(string kind, string rest, bool isNamedByUser, out string access, out string filter, out string wrong)
    {
        wrong = "";
        string[] words = rest.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        bool hasAccess = words.Length == 2 && words[0] is "read" or "write" or Any or Deny;
        (access, filter) = hasAccess ? (words[0], words[1]) : (Any, rest);
        filter = kind == "topic" ? filter.Replace("%", "%%", StringComparison.Ordinal) : PatternHere(filter, isNamedByUser); // only patterns have placeholders there
        if (wrong.Length == 0 && RuleText.Check(filter) is { } why)
            wrong = $"'{SafeText.Of(filter, 200)}' cannot be a rule: {why}";
        return wrong.Length == 0;
    }

    // Patterns have two placeholders, %c and %u; whatever else is behind a percent sign is a placeholder here, and a letter there.
    private static string PatternHere(string pattern, bool isNamedByUser)
    {
        StringBuilder here = new();
        for (int i = 0; i < pattern.Length; i++)
            if (pattern[i] != '%')
                _ = here.Append(pattern[i]);
            else if (i + 1 < pattern.Length && pattern[i + 1] is 'c' or 'u')
                _ = here.Append('%').Append(pattern[++i] == 'c' && !isNamedByUser ? 'c' : 'u');
            else
                _ = here.Append("%%");
        return here.ToString();
    }

    // A rule that covers more than the denied topics cannot say "all but these".
    private static string Take(string filter, IEnumerable<RoleRights> roles)
    {
        SortedSet<string> taken = new(StringComparer.Ordinal);
        foreach (RoleRights role in roles)
        {
            foreach (List<string> rules in (List<string>[])[role.Publish, role.Subscribe])
            {
                taken.UnionWith(rules.Where(Overlaps));
                _ = rules.RemoveAll(Overlaps);
            }

            role.Commands &= role.Publish.Exists(static rule => FilterCover.Covers(rule, "+/p2p/+"));
        }

        string what = taken.Count == 0 ? "no rule allows it" : $"not taken over, as they allow it: {SafeText.Of(string.Join(", ", taken), 200)}";
        return $"deny '{SafeText.Of(filter, 200)}' has no word here: {what}";

        bool Overlaps(string rule) => TopicOverlap.Sample(AnyForPlaceholders(rule), AnyForPlaceholders(filter)) is not null;
    }

    // What a placeholder stands for is not known here.
    private static string AnyForPlaceholders(string filter) =>
        string.Join('/', filter.Split('/').Select(static level => RuleText.HasPlaceholder(level) ? "+" : level));

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
