using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>What many gateways have told of themselves, as one table; those that want attention first.</summary>
/// <param name="nowUnixSeconds">The time, by the clock of this machine.</param>
internal sealed class FleetTable(long nowUnixSeconds)
{
    /// <summary>Seconds after which a gateway that tells nothing is missed: three of its reports.</summary>
    public const int SilentSecondsMax = 180;

    /// <summary>Gateways that are shown; what tells beyond is counted.</summary>
    public const int RowsMax = 10_000;

    private const int InstancesMax = 8; // two are enough to say so
    private const int ShortMax = 3; // as the log has it
    private const int BacklogSecondsMax = 60; // chosen: a link that takes what comes has nothing that old
    private readonly SortedDictionary<string, Row> _rows = new(StringComparer.Ordinal);
    private long _notShown;

    /// <summary>How many gateways there are.</summary>
    public int Count => _rows.Count;

    /// <summary>One report, as it was published.</summary>
    /// <param name="name">Of the gateway: the last level of the topic.</param>
    /// <param name="payload">The JSON object.</param>
    public void Add(string name, string payload)
    {
        if (!_rows.TryGetValue(name, out Row? row))
        {
            if (_rows.Count == RowsMax)
            {
                _notShown++;
                return;
            }

            _rows[name] = row = new Row();
        }

        try
        {
            using JsonDocument json = JsonDocument.Parse(payload);
            Dictionary<string, string> values = new(StringComparer.Ordinal);
            foreach (JsonProperty property in json.RootElement.EnumerateObject())
                values[property.Name] = property.Value.ToString(); // of two with one name the last
            row.Values = values;
            if (row.Instances.Count < InstancesMax)
                _ = row.Instances.Add(row.Of("instance"));
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            row.Fault = "what it tells cannot be read";
        }
    }

    /// <summary>What the broker says of the presence of a gateway.</summary>
    public void Presence(string name, bool isOnline)
    {
        if (_rows.TryGetValue(name, out Row? row))
            row.IsOffline = !isOnline;
    }

    /// <summary>Gateways that want attention.</summary>
    public int WithFindings => _rows.Values.Count(row => Findings(row).Count > 0);

    /// <summary>The table, and below it in sentences why.</summary>
    public IEnumerable<string> Lines()
    {
        List<string[]> cells = [["GATEWAY", "STATE", "VERSION", "UP", "CLIENTS", "BACKLOG", "OLDEST", "ASIDE", "DROPPED", "FREE", "TOLD"]];
        List<string> why = [];
        foreach ((string name, Row row) in _rows.OrderByDescending(pair => Findings(pair.Value).Count).ThenBy(static pair => pair.Key, StringComparer.Ordinal))
        {
            List<string> found = Findings(row);
            cells.Add([
                SafeText.OfName(name), row.IsOffline ? "away" : found.Count > 0 ? "look" : "well", SafeText.Of(row.Of("version"), 16), $"{row.NumberOf("up") / 3600} h", row.Of("clients"), row.Of("backlog"), $"{row.NumberOf("oldest")} s",
                row.Of("aside"), row.Drops().ToString(CultureInfo.InvariantCulture), $"{row.NumberOf("free") / 1_000_000} MB", $"{nowUnixSeconds - row.NumberOf("t")} s ago",
            ]);
            why.AddRange(found.Select(each => $"{SafeText.OfName(name)}: {each}"));
        }

        if (_notShown > 0)
            why.Add($"{_notShown} reports are not shown: there are more than {RowsMax} gateways");
        int[] widths = [.. Enumerable.Range(0, cells[0].Length).Select(column => cells.Max(row => row[column].Length))];
        return [.. cells.Select(row => string.Join("  ", row.Select((cell, column) => cell.PadRight(widths[column]))).TrimEnd()), .. why];
    }

    private List<string> Findings(Row row)
    {
        List<string> found = [];
        if (row.Fault is { } fault)
            return [fault];
        if (row.Instances.Count > 1)
            found.Add("two gateways have this identifier, and tell by turns: give one another Relay:ClientId");
        else if (row.NumberOf("short") >= ShortMax)
            found.Add($"{row.NumberOf("short")} of its connections in a row have ended at once: does another gateway have this identifier (Relay:ClientId)?");
        if (row.IsOffline)
            found.Add("it is away, says its Will");
        else if (nowUnixSeconds - row.NumberOf("t") > SilentSecondsMax)
            found.Add($"it has told nothing for {nowUnixSeconds - row.NumberOf("t")} s");
        if (row.Of("full") == "True")
            found.Add("its journal is full: messages that have to be kept are refused");
        if (row.NumberOf("oldest") > BacklogSecondsMax)
            found.Add($"{row.Of("backlog")} messages wait, the oldest for {row.NumberOf("oldest")} s");
        if (row.NumberOf("aside") > 0)
            found.Add($"{row.Of("aside")} messages are set aside");
        return found;
    }

    private sealed class Row
    {
        public Dictionary<string, string> Values { get; set; } = [];

        public HashSet<string> Instances { get; } = new(StringComparer.Ordinal);

        public bool IsOffline { get; set; }

        public string? Fault { get; set; }

        public string Of(string name) => SafeText.Of(Values.GetValueOrDefault(name, ""), 32);

        public long NumberOf(string name) => long.TryParse(Values.GetValueOrDefault(name), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number) ? number : 0;

        public long Drops()
        {
            if (Values.GetValueOrDefault("drops") is not { Length: > 0 } drops)
                return 0;
            if (drops[0] != '{')
                return 0;
            using JsonDocument json = JsonDocument.Parse(drops);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.EnumerateObject().Sum(static p => p.Value.TryGetInt64(out long count) ? count : 0) : 0;
        }
    }
}
