using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Custody.Accounts;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Orders;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What the values of <c>$SYS</c> mean: well, or what wants attention, in sentences.</summary>
/// <param name="values">By the part of their topic behind <c>$SYS/broker/</c>.</param>
internal sealed class StatusReport(SortedDictionary<string, string> values)
{
    /// <summary>Exit code: nothing wants attention.</summary>
    public const int Well = 0;

    /// <summary>Exit code: it runs, and somebody should look.</summary>
    public const int Attention = 1;

    /// <summary>Exit code: there is no gateway, it does not answer, or what answers is none.</summary>
    public const int Down = 2;

    private const int WearSecondsMin = 600; // chosen: what came in at once after a start is no wear
    private const int CardYearsMin = 3; // chosen: less than what one expects of such a box
    private const int NearBoundPercent = 80; // as the console has it

    /// <summary>What answers is a gateway of this product.</summary>
    public bool IsGateway => Of("version").StartsWith(SysTopics.Product, StringComparison.Ordinal);

    /// <summary>What its version is called there; empty when it tells none.</summary>
    public string Version => Of("version");

    /// <summary>The names of the upstreams.</summary>
    public IReadOnlyList<string> Upstreams => [.. values.Keys.Where(static k => k.StartsWith("relay/", StringComparison.Ordinal)).Select(static k => k.Split('/')[1]).Distinct(StringComparer.Ordinal)];

    /// <summary>One value; empty when there is none.</summary>
    public string Of(string name) => values.GetValueOrDefault(name, "");

    /// <summary>One value as a number; 0 when there is none.</summary>
    public long NumberOf(string name) => long.TryParse(Of(name).Split(' ')[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;

    /// <summary>What wants attention, the worst first.</summary>
    public List<string> Findings()
    {
        List<string> found = [];
        if (NumberOf("journal/failed") != 0)
            found.Add("the disk does not take the journal any more: nothing is acknowledged");
        if (NumberOf("journal/full") != 0)
            found.Add($"the journal is full ({Of("journal/bytes")} of {Of("journal/bytes/max")} bytes, or the disk has no more): messages that have to be kept are refused");
        else if (NumberOf("journal/bytes/max") is > 0 and var max && NumberOf("journal/bytes/live") * 100 / max >= NearBoundPercent)
            found.Add($"what waits takes {NumberOf("journal/bytes/live") * 100 / max} % of the journal (Limits:JournalBytesMax)");
        if (NumberOf("journal/damaged") is > 0 and var damaged)
            found.Add($"{damaged} messages on the disk are not what was written there: 'journal verify' says which");
        if (Of(StatusWords.Certificate) is { Length: > 0 } certificate)
            found.Add(certificate);
        if (NumberOf("uptime") >= WearSecondsMin && NumberOf("disk/written/day") > 0 && NumberOf("disk/card/years") < CardYearsMin)
            found.Add(string.Create(CultureInfo.InvariantCulture, $"{NumberOf("disk/written/day") / 1e9:F1} GB a day are written: a card of 32 GB bears {NumberOf("disk/card/years")} years of it; take an SSD, or keep less (operating.md)"));
        foreach (LedgerClass ledgerClass in Ledger.Classes)
            if (!IsBalanced(Account(ledgerClass)))
                found.Add($"the ledger of {ledgerClass} does not balance: report it with the log, please");
        foreach (string name in Upstreams)
        {
            if (Of($"relay/{name}/state") != "connected")
                found.Add($"upstream {name} is away since {Of($"relay/{name}/since")}, {Of($"relay/{name}/backlog/messages")} messages wait: {(Of($"relay/{name}/error") is { Length: > 0 } error ? error : "not connected yet")}");
            if (NumberOf($"relay/{name}/aside/messages") is > 0 and var aside)
                found.Add($"upstream {name} does not take {aside} messages, the newest on {Of($"relay/{name}/aside/newest")}: 'relay aside list' shows them");
            if (NumberOf($"relay/{name}/restored") != 0)
                found.Add($"upstream {name} has not let go yet what it had under way before the gateway was restored from a backup: it gets QoS 1 at most, so that messages may come there twice. If that lasts for more than minutes, have the gateway's Session end there, or give it another ClientId (operating.md)");
        }

        return found;
    }

    /// <summary>In words: the verdict first, then the figures.</summary>
    public IEnumerable<string> Lines()
    {
        List<string> found = Findings();
        yield return found.Count == 0 ? "well" : $"{found.Count} {(found.Count == 1 ? "thing wants" : "things want")} attention";
        foreach (string each in found)
            yield return $"  {each}";
        yield return $"{Of("version")}, up {Of("uptime")}, {Of("clients/connected")} clients connected";
        foreach (LedgerClass ledgerClass in Ledger.Classes)
        {
            string account = Account(ledgerClass);
            if (ledgerClass == LedgerClass.Volatile && NumberOf(account + "/accepted") == 0)
                continue; // most gateways have no such topics
            yield return $"{ledgerClass}: {Of(account + "/accepted")} accepted = {Of(account + "/delivered")} delivered + {Of(account + "/pending")} pending + {Of(account + "/expired")} expired + {Of(account + "/dropped")} dropped";
        }

        if (NumberOf("restored/sessions") is > 0 and var sessions)
            yield return $"restored from a backup: {sessions} sessions are not through with that; each is told that there is no Session until its client has answered to what follows";
        if (Disk() is { } disk)
            yield return disk;
        foreach (string line in Upstreams.SelectMany(Upstream))
            yield return line;
    }

    /// <summary>The same for programs.</summary>
    public void WriteJson(Utf8JsonWriter json)
    {
        List<string> found = Findings();
        json.WriteStartObject();
        json.WriteString("state", found.Count == 0 ? "well" : "attention");
        json.WriteStartArray("attention");
        foreach (string each in found)
            json.WriteStringValue(each);
        json.WriteEndArray();
        json.WriteStartObject("values");
        foreach ((string name, string value) in values)
            if (long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
                json.WriteNumber(name, number);
            else
                json.WriteString(name, value);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static string Account(LedgerClass ledgerClass) => "custody/" + ledgerClass.ToString().ToLowerInvariant();

    private bool IsBalanced(string account) =>
        NumberOf(account + "/accepted") == NumberOf(account + "/delivered") + NumberOf(account + "/pending") + NumberOf(account + "/expired") + NumberOf(account + "/dropped");

    // What a card bears is a matter of years; the first minutes say nothing of it.
    private string? Disk() => !values.ContainsKey("disk/written/bytes") ? null
        : NumberOf("disk/written/day") == 0 ? string.Create(CultureInfo.InvariantCulture, $"disk: {NumberOf("disk/written/bytes") / 1000} kB written since the start; too early to say what that is a day")
        : string.Create(CultureInfo.InvariantCulture, $"disk: {NumberOf("disk/written/day") / 1e6:F1} MB and {NumberOf("disk/syncs/day")} syncs a day at this rate; a card of 32 GB rated for {DiskWritten.CardBytesRated / 1_000_000_000_000} TB bears {(NumberOf("disk/card/years") >= 999 ? "more than 999" : NumberOf("disk/card/years"))} years of it");

    private IEnumerable<string> Upstream(string name)
    {
        string upstream = $"relay/{name}/";
        string version = Of(upstream + "version") is { Length: > 0 } known ? $" with MQTT {known}" : "";
        yield return $"upstream {name}: {Of(upstream + "state")} {Of(upstream + "address")}{version} since {Of(upstream + "since")}";
        yield return $"  {Of(upstream + "backlog/messages")} messages wait, {Of(upstream + "backlog/bytes")} bytes, the oldest for {Of(upstream + "backlog/age")} s";
        if (NumberOf(upstream + "aside/messages") > 0)
            yield return $"  {Of(upstream + "aside/messages")} messages are set aside, {Of(upstream + "aside/bytes")} bytes, the newest on {Of(upstream + "aside/newest")}: 'relay aside list' shows them";
        if (Of(upstream + "session/seconds") is { Length: > 0 } seconds)
            yield return $"  its Session is kept for {seconds} s while the link is down; commands of a longer outage are lost";
        if (NumberOf(upstream + "subscriptions/refused") is > 0 and long refused)
            yield return $"  it refuses {refused} subscriptions; they are asked for again";
        yield return $"  {Of(upstream + "wills")} Wills of devices are held there";
        yield return $"  out {Of(upstream + "rate/out")}/s, in {Of(upstream + "rate/in")}/s";
        if (Of(upstream + "error") is { Length: > 0 } error)
            yield return $"  last error: {error}";
    }
}
