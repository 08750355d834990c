using System.Globalization;
using System.Text.Json.Nodes;
using DeviceMqtt.Gateway.Security.Rights;

namespace DeviceMqtt.Gateway.Migration;

/// <summary>One <c>connection</c> of a <c>mosquitto.conf</c>: a bridge, which is an upstream here.</summary>
/// <param name="index">Of the upstream in <c>Relays</c>.</param>
/// <param name="name">Of the connection.</param>
internal sealed class MosquittoBridge(int index, string name)
{
    private readonly List<string> _addresses = [];
    private readonly List<(string Direction, string Here, string There, string Filter, JsonObject Rule)> _rules = [];
    private bool _isTls;

    /// <summary>Takes an option that belongs to a bridge.</summary>
    /// <param name="option">Its name.</param>
    /// <param name="value">What stands behind it.</param>
    /// <param name="note">Is told what cannot be said here.</param>
    /// <param name="import">Gets what can.</param>
    /// <returns>False for an option of something else.</returns>
    public bool TryTake(string option, string value, Action<string> note, MosquittoImport import)
    {
        switch (option)
        {
            case "address" or "addresses":
                _addresses.AddRange(value.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                return true;
            case "topic":
                TakeTopic(value, note, import);
                return true;
            case "remote_username" or "username": return Set(import, "UserName", value);
            case "remote_password" or "password": return Set(import, "Password", value);
            case "remote_clientid" or "clientid": return Set(import, "ClientId", value);
            case "keepalive_interval" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds): return Set(import, "KeepAliveSeconds", seconds);
            case "bridge_max_packet_size" when int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int bytes): return bytes == 0 || Set(import, "PacketBytesMax", bytes);
            case "bridge_protocol_version" or "protocol_version":
                return value == "mqttv31" ? Noted(note, "bridges speak 3.1.1 or 5.0 here") : Set(import, "Protocol", value == "mqttv50" ? "5.0" : "3.1.1");
            case "restart_timeout": return Restart(value, import);
            case "bridge_cafile": return Tls(import, "CaFile", value);
            case "bridge_certfile": return Tls(import, "CertificateFile", value);
            case "bridge_keyfile": return Tls(import, "KeyFile", value);
            case "bridge_capath": _isTls = true; return Noted(note, "bridge_capath: name one file with the authorities, Relays:N:Tls:CaFile; without it those of this machine count");
            case "bridge_insecure" when value == "true": return Noted(note, "bridge_insecure: the name in the certificate is always checked; Relays:N:Tls:ServerName says which it has");
            case "bridge_tls_use_os_certs": _isTls |= value == "true"; return true;
            // Without TLS the password would go out for everybody to read.
            case "bridge_psk" or "bridge_identity": _isTls = true; return Noted(note, $"{option}: there is no TLS with a shared key here; take certificates, or a user and a password");
            case "start_type" when value != "automatic": return Noted(note, "start_type: an upstream is connected as long as the gateway runs");
            case "round_robin" when value == "true": return Noted(note, "round_robin: the addresses are tried in their order, each time from the one behind the last");
            case "local_clientid" or "local_username" or "local_password" or "notification_topic": return Noted(note, $"{option}: the relay is no client here and needs none; its presence upstream is presence/CLIENTID");
            // It is so here anyway, or says nothing that could be otherwise.
            case "cleansession" or "local_cleansession" or "start_type" or "round_robin" or "try_private" or "notifications" or "notifications_local_only" or "bridge_attempt_unsubscribe" or "bridge_insecure" or "idle_timeout"
                or "bridge_outgoing_retain" or "bridge_bind_address" or "bridge_tls_version" or "bridge_alpn" or "bridge_require_ocsp" or "bridge_reload_type" or "threshold":
                return option is not ("bridge_bind_address" or "bridge_alpn" or "bridge_require_ocsp" or "bridge_outgoing_retain") || Noted(note, $"{option}: there is no setting for it here");
            default: return false;
        }
    }

    /// <summary>All of it was read.</summary>
    public void Finish(MosquittoImport import)
    {
        _ = Set(import, "Name", name.Replace('/', '-').Replace(' ', '-'));
        foreach (string address in _addresses)
            import.Set($"Relays:{index}:Addresses:0", $"{(_isTls ? "mqtts" : "mqtt")}://{address}{(HasPort(address) ? "" : _isTls ? ":8883" : ":1883")}");
    }

    private static bool HasPort(string address) => address.LastIndexOf(':') > address.LastIndexOf(']');

    // topic PATTERN [[[out | in | both] QOS] LOCAL_PREFIX REMOTE_PREFIX], "" for an empty prefix.
    private void TakeTopic(string value, Action<string> note, MosquittoImport import)
    {
        string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string pattern = words.Length > 0 ? Word(words[0]) : "";
        string direction = words.Length > 1 ? words[1] : "out";
        string qos = words.Length > 2 ? words[2] : "0";
        string local = words.Length > 3 ? Word(words[3]) : "";
        string remote = words.Length > 4 ? Word(words[4]) : "";
        if (direction is not ("out" or "in" or "both") || pattern.Length == 0)
        {
            note($"topic {value}: it cannot be read; write it as a rule, Relays:{index}:Rules");
            return;
        }

        if (pattern.Contains('+', StringComparison.Ordinal) && local != remote && pattern.Count(static c => c == '+') > 9)
        {
            note($"topic {value}: a rule has at most nine + here");
            return;
        }

        if (direction != "in")
            Add(import, "Out", local, remote, pattern, qos);
        if (direction != "out")
            Add(import, "In", remote, local, pattern, qos);
    }

    private void Add(MosquittoImport import, string direction, string here, string there, string pattern, string qos)
    {
        JsonObject rule = new() { ["Direction"] = direction, ["Filter"] = here + pattern };
        if (here != there)
            rule["Topic"] = there + Template(here, pattern);
        // QoS 0 of a bridge means that nothing is kept for it; here what waits is kept either way, so 1 is meant.
        if (qos == "2")
            rule["MaxQoS"] = 2;
        // Rules must not overlap here. Two that give the same name are one, that with the wider filter; of others the check says which cannot stay.
        if (_rules.Find(r => r.Direction == direction && r.Here == here && r.There == there && FilterCover.Covers(r.Filter, here + pattern)) is { Rule: { } wider })
        {
            Raise(wider, qos);
            return;
        }

        foreach ((_, _, _, _, JsonObject narrower) in Taken(_rules, r => r.Direction == direction && r.Here == here && r.There == there && FilterCover.Covers(here + pattern, r.Filter)))
        {
            Raise(rule, narrower["MaxQoS"]?.ToString() ?? "");
            _ = narrower.Parent!.AsArray().Remove(narrower);
        }

        _rules.Add((direction, here, there, here + pattern, rule));
        import.Set($"Relays:{index}:Rules:0", rule);
    }

    private static void Raise(JsonObject rule, string qos)
    {
        if (qos == "2")
            rule["MaxQoS"] = 2;
    }

    private static List<T> Taken<T>(List<T> list, Predicate<T> which)
    {
        List<T> taken = list.FindAll(which);
        _ = list.RemoveAll(which);
        return taken;
    }

    // Each + of the pattern by its number, behind those of the prefix.
    private static string Template(string prefix, string pattern)
    {
        int plus = prefix.Count(static c => c == '+');
        return string.Join('/', pattern.Split('/').Select(level => level switch { "+" => $"{{{++plus}}}", "#" => "{#}", _ => level }));
    }

    private static string Word(string word) => word == "\"\"" ? "" : word;

    private bool Restart(string value, MosquittoImport import)
    {
        string[] seconds = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (seconds.Length > 1 && int.TryParse(seconds[0], NumberStyles.None, CultureInfo.InvariantCulture, out int least) && int.TryParse(seconds[1], NumberStyles.None, CultureInfo.InvariantCulture, out int most))
            _ = Set(import, "BackoffMinMs", Math.Max(10, least * 1000)) && Set(import, "BackoffMaxMs", Math.Max(10, most * 1000));
        return true;
    }

    private bool Tls(MosquittoImport import, string key, string file)
    {
        _isTls = true;
        return Set(import, $"Tls:{key}", file);
    }

    private static bool Noted(Action<string> note, string why)
    {
        note(why);
        return true;
    }

    private bool Set(MosquittoImport import, string key, JsonNode value)
    {
        import.Set($"Relays:{index}:{key}", value);
        return true;
    }
}
