using System.Text.Json.Nodes;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Migration;

/// <summary>What a <c>mosquitto.conf</c> becomes here.</summary>
internal sealed class MosquittoImport
{
    /// <summary>A filter of the relay that fits nothing: no client can publish there (5.0, 4.7.2).</summary>
    private const string NothingGoesUp = "$nothing";

    private const string AnonymousRole = "anonymous";

    // Where each value was read; by the value itself, since places in a list change.
    private readonly Dictionary<JsonNode, MosquittoPlace> _places = new(ReferenceEqualityComparer.Instance);

    /// <summary>Where the reader is.</summary>
    public MosquittoPlace At { get; set; }

    /// <summary>The settings, as a settings file has them.</summary>
    public JsonObject Settings { get; } = [];

    /// <summary>What was not taken over, with why and what to do instead.</summary>
    public List<ImportNote> Notes { get; } = [];

    /// <summary>Its <c>password_file</c>; null for none.</summary>
    public string? PasswordFile { get; set; }

    /// <summary>Its <c>acl_file</c>; null for none.</summary>
    public string? AclFile { get; set; }

    /// <summary>What works otherwise here, though all was taken over: sentences.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>Clients without a user got in. Where there is an <see cref="AclFile"/>, it says what they may: see <see cref="LetAnybodyIn(string)"/>.</summary>
    public bool IsAnonymous { get; set; }

    /// <summary>Where that is said.</summary>
    public MosquittoPlace AnonymousAt { get; set; }

    /// <summary>The role of users that no <see cref="AclFile"/> gives one.</summary>
    public string RoleOfUsers { get; set; } = Roles.Device;

    /// <summary>Client Identifiers that users may have; empty for a device's own.</summary>
    public IReadOnlyList<string> ClientIds { get; set; } = ["*"];

    /// <summary>The user name was the Client Identifier.</summary>
    public bool IsNamedByUser { get; set; }

    /// <summary>Clients without a user get in.</summary>
    /// <param name="role">As what.</param>
    public void LetAnybodyIn(string role)
    {
        Set("Security:AllowAnonymous", true);
        Set("Security:AnonymousRole", role);
    }

    /// <summary>Clients without a user get in where the ACL file gives them something; else they are of no use, and this is noted.</summary>
    /// <param name="rights">What it gives them; null when it cannot be read.</param>
    public void LetAnybodyIn(RoleRights? rights)
    {
        if (rights is null || rights.Publish.Count + rights.Subscribe.Count == 0)
        {
            Note($"allow_anonymous is not taken over: {(rights is null ? "without the ACL file nobody knows what they may" : "the ACL file has no topic for clients without a user")}", AnonymousAt);
            return;
        }

        string key = $"Security:Rights:{AnonymousRole}";
        foreach ((string name, List<string> rules) in ((string, List<string>)[])[(nameof(rights.Publish), rights.Publish), (nameof(rights.Subscribe), rights.Subscribe)])
            if (rules.Count > 0)
                Set($"{key}:{name}", new JsonArray([.. rules.Select(static rule => (JsonNode)rule)]));
        if (rights.Commands)
            Set($"{key}:{nameof(rights.Commands)}", true);
        LetAnybodyIn(AnonymousRole);
    }

    /// <summary>Something is said at this place.</summary>
    public bool Has(string key) => Find(key) is not null;

    /// <summary>What is said at this place, as text; null for nothing.</summary>
    public string? TextOf(string key) => Find(key)?.ToString();

    /// <summary>Sets a value, by <c>Section:Key</c>; a number stands for a place in a list.</summary>
    public void Set(string key, JsonNode value)
    {
        string[] names = key.Split(':');
        JsonNode at = Settings;
        _places[value] = At;
        for (int i = 0; i < names.Length - 1; i++)
            at = Child(at, names[i], () => int.TryParse(names[i + 1], out _) ? new JsonArray() : new JsonObject());
        if (at is JsonArray list)
            list.Add(value);
        else
            at[names[^1]] = value;
    }

    /// <summary>Notes what is not taken over.</summary>
    /// <param name="why">As a sentence ends.</param>
    /// <param name="at">Where it is said; where the reader is when not given.</param>
    public void Note(string why, MosquittoPlace? at = null) => Notes.Add(new ImportNote((at ?? At).Line, why) { File = (at ?? At).File });

    /// <summary>Takes a setting out that the gateway does not take, and notes it with its line.</summary>
    /// <param name="key">Its name; of an upstream that lacks something, what it lacks: the upstream goes.</param>
    /// <param name="why">What the gateway says of it.</param>
    /// <returns>False when it is none of these settings.</returns>
    public bool TryDrop(string key, string why)
    {
        string[] names = key.Split(':');
        if (Find(key) is not { } node)
            return names is ["Relays", _, _, ..] && TryDrop($"{names[0]}:{names[1]}", why);
        Note($"{why}: not taken over", PlaceOf(node));
        if (node.Parent is JsonArray list)
            _ = list.Remove(node);
        else
            _ = node.Parent!.AsObject().Remove(names[^1]);
        return true;
    }

    /// <summary>Where a setting was said; nowhere when it was not.</summary>
    public MosquittoPlace PlaceOf(string key) => Find(key) is { } node ? PlaceOf(node) : default;

    /// <summary>An upstream whose bridge had nothing that goes up: here everything would, where nothing is said.</summary>
    public void CloseUpward()
    {
        foreach (JsonNode? relay in Settings["Relays"]?.AsArray() ?? [])
            if (relay!["Rules"]?.AsArray().Any(static rule => rule!["Direction"]?.GetValue<string>() == "Out") != true)
                relay["Out"] = new JsonArray(NothingGoesUp);
    }

    // That of its first part, where it has some.
    private MosquittoPlace PlaceOf(JsonNode node)
    {
        if (_places.TryGetValue(node, out MosquittoPlace place))
            return place;
        IEnumerable<JsonNode?> parts = node switch { JsonObject section => section.Select(static part => part.Value), JsonArray list => list, _ => [] };
        return parts.OfType<JsonNode>().Select(PlaceOf).Where(static at => at.Line > 0).OrderBy(static at => at.Line).FirstOrDefault();
    }

    private JsonNode? Find(string key)
    {
        JsonNode? at = Settings;
        foreach (string name in key.Split(':'))
            at = at switch
            {
                JsonObject section => section[name],
                JsonArray list when int.TryParse(name, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int index) && index < list.Count => list[index],
                _ => null,
            };
        return at;
    }

    private static JsonNode Child(JsonNode parent, string name, Func<JsonNode> make)
    {
        if (parent is not JsonArray list)
            return parent[name] ??= make();
        int index = int.Parse(name, System.Globalization.CultureInfo.InvariantCulture);
        while (list.Count <= index)
            list.Add(make());
        return list[index]!;
    }
}
