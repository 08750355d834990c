namespace DeviceMqtt.Simulation.Checks;

/// <summary>What messages carry: their id, and where they are to be large a padding that follows from the id, so that nothing of it can be cut, moved or changed unseen.</summary>
internal static class Payloads
{
    public const int PaddingMax = 20_000;
    private const int Beginnings = 65_521; // a prime, chosen
    private const string CommandBegins = "{\"id\":\"";
    private static readonly string Letters = string.Create(Beginnings + PaddingMax, 1, static (letters, seed) =>
    {
        Random random = new(seed);
        for (int i = 0; i < letters.Length; i++)
            letters[i] = (char)random.Next('A', 'Z' + 1);
    });

    /// <param name="id">Of the message.</param>
    /// <param name="padding">Its characters; 0 for none, at most <see cref="PaddingMax"/>.</param>
    public static string Of(string id, int padding) => padding == 0 ? id : string.Concat(id, "|", Padding(id, padding));

    /// <summary>A command that says how long it is good.</summary>
    public static string Command(string id, string sender, int ttlSeconds) => $"{CommandBegins}{id}\",\"cmd\":\"relay.set\",\"from\":\"{sender}\",\"ttl\":{ttlSeconds}}}";

    public static string IdOf(string payload) => payload.StartsWith(CommandBegins, StringComparison.Ordinal) ? payload[CommandBegins.Length..].Split('"')[0] : payload.Split('|')[0];

    public static bool Is(ReadOnlySpan<char> payload, string id, int padding) =>
        padding == 0 ? payload.SequenceEqual(id.AsSpan())
        : payload.Length == id.Length + 1 + padding && payload.StartsWith(id.AsSpan()) && payload[id.Length] == '|' && payload[(id.Length + 1)..].SequenceEqual(Padding(id, padding));

    private static ReadOnlySpan<char> Padding(string id, int padding)
    {
        uint hash = 2_166_136_261;
        foreach (char c in id)
            hash = (hash ^ c) * 16_777_619;
        return Letters.AsSpan((int)(hash % Beginnings), padding);
    }
}
