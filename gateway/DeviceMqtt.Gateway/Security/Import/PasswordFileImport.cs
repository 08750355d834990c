using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Security.Import;

/// <summary>Reads a password file of mosquitto, <c>NAME:HASH</c> a line (mosquitto_passwd(1)): the hashes are taken as they are, and replaced at the first login.</summary>
internal static class PasswordFileImport
{
    /// <param name="lines">Of the file.</param>
    /// <param name="role">Of all users.</param>
    /// <param name="notes">Gets the lines that were not taken over, with why.</param>
    /// <param name="clientIds">Client Identifiers of each; any when not given.</param>
    public static Dictionary<string, UserEntry> Read(IEnumerable<string> lines, string role, List<ImportNote> notes, IReadOnlyList<string>? clientIds = null)
    {
        Dictionary<string, UserEntry> users = new(StringComparer.Ordinal);
        int number = 0;
        foreach (string line in lines)
        {
            number++;
            if (line.Length == 0 || line[0] == '#')
                continue;
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            string hash = line[(colon + 1)..].TrimEnd();
            if (colon <= 0)
                notes.Add(new ImportNote(number, "it is not NAME:HASH"));
            else if (!PasswordHash.IsForeign(hash) || !PasswordHash.IsSound(hash))
                notes.Add(new ImportNote(number, $"'{SafeText.OfName(line[..colon])}' has no hash of a kind that is known ($6$ and $7$ are); give it a password with 'user add'"));
            else if (!users.TryAdd(line[..colon], new UserEntry { Password = hash, Role = role, ClientIds = clientIds ?? ["*"] }))
                notes.Add(new ImportNote(number, $"'{SafeText.OfName(line[..colon])}' is there already, further up"));
        }

        return users;
    }
}
