using System.Globalization;
using System.Text.Json.Nodes;

namespace DeviceMqtt.Gateway.Migration;

/// <summary>
/// Reads a <c>mosquitto.conf</c> (mosquitto.conf(5), version 2.0 and 2.1) and says the same in settings of this gateway. Whatever cannot be said is noted
/// with its line, and what to do instead: nothing is left out in silence.
/// </summary>
internal sealed class MosquittoConf
{
    /// <summary>The role of whoever may do everything, as without an ACL file in mosquitto.</summary>
    public const string EverythingRole = "everything";

    private readonly MosquittoImport _import = new();
    private readonly List<MosquittoListener> _listeners = [];
    private MosquittoListener? _listener;
    private MosquittoListener? _default; // of options before the first listener, in whatever file
    private MosquittoBridge? _bridge;
    private int _bridges;
    private readonly MosquittoAccess _access;
    private readonly MosquittoFolders? _folders;

    private MosquittoConf(MosquittoFolders? folders)
    {
        _folders = folders;
        _access = new MosquittoAccess(_import);
    }

    /// <param name="lines">Of the file.</param>
    /// <param name="folders">Where the folders of <c>include_dir</c> are; null for nowhere.</param>
    /// <exception cref="IOException">A file of such a folder cannot be read.</exception>
    /// <exception cref="InvalidDataException">They are more, longer or deeper than any are.</exception>
    public static MosquittoImport Read(IEnumerable<string> lines, MosquittoFolders? folders = null)
    {
        MosquittoConf conf = new(folders);
        conf.Take(lines, file: null);
        conf.Finish();
        return conf._import;
    }

    // Each file begins with no listener and no bridge, and leaves those of the file around it as they were, as in mosquitto.
    private void Take(IEnumerable<string> lines, string? file)
    {
        (MosquittoListener? listener, MosquittoBridge? bridge, MosquittoPlace at) = (_listener, _bridge, _import.At);
        (_listener, _bridge) = (null, null);
        int number = 0;
        foreach (string line in lines)
        {
            _import.At = new MosquittoPlace(file, ++number);
            Take(line.Trim());
        }

        _bridge?.Finish(_import);
        (_listener, _bridge, _import.At) = (listener, bridge, at);
    }

    private bool Include(string folder)
    {
        if (_folders?.Find(folder) is not { } found)
        {
            Note($"include_dir: there is no folder '{folder}', nor one of that name beside the file");
            return true;
        }

        using (_folders.Enter())
            foreach (string file in MosquittoFolders.FilesIn(found))
                Take(_folders.Read(file), file);
        return true;
    }

    private void Take(string line)
    {
        if (line.Length == 0 || line[0] == '#')
            return;
        string[] parts = line.Split([' ', '\t'], 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        (string option, string value) = (parts[0], parts.Length > 1 ? parts[1] : "");
        if (option == "connection")
        {
            _bridge?.Finish(_import);
            _bridge = new MosquittoBridge(_bridges++, value);
        }
        else if (_bridge is not null && _bridge.TryTake(option, value, Note, _import))
        {
            // It belongs to the bridge.
        }
        else if (!_access.TryTake(option, value, Default) && !TryTakeListener(option, value) && !TryTakeLimit(option, value) && !TryTakeOther(option, value))
        {
            if (!MosquittoInstead.NeedsNothing(option, value))
                Note(MosquittoInstead.Find(option) is { } instead ? $"{option}: {instead}" : $"{option} is no option that is known here");
        }
    }

    private void Note(string why) => _import.Note(why);

    private bool TryTakeListener(string option, string value)
    {
        switch (option)
        {
            case "listener":
                string[] words = value.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                _listeners.Add(_listener = new MosquittoListener { At = _import.At, Port = words.Length > 0 ? words[0] : "1883", Address = words.Length > 1 ? words[1] : "" });
                if (_listener.Port == "0")
                    Note("listener 0 with a socket's path: clients of this machine connect by TCP here, 127.0.0.1:1883 say");
                return true;
            case "port": Default().Port = value; return true;
            case "bind_address": Default().Address = value; return true;
            case "protocol" when value is "websockets" or "mqtt": Default().IsWebSocket = value == "websockets"; return true;
            case "protocol": Default().IsOther = true; return false;
            case "psk_hint": Default().IsOther = true; return false; // it would be one without TLS
            case "bind_interface": Default().IsOfInterface = true; return false;
            case "socket_domain" when value is "ipv4" or "ipv6": Default().Domain = value; return true;
            case "certfile": return Tls("CertificateFile", value);
            case "keyfile": return Tls("KeyFile", value);
            case "cafile": return SetText("Tls:ClientCaFile", value);
            case "crlfile": return SetText("Tls:CrlFile", value);
            case "require_certificate": return value != "true" || SetText("Tls:ClientCertificates", "Required");
            case "use_identity_as_username" when value == "true":
                return SetText("Tls:ClientCertificates", "Required"); // the Common Name is the user here, too
            default: return false;
        }
    }

    // All listeners have one certificate here.
    private bool Tls(string key, string file)
    {
        Default().IsTls = true;
        if (_import.TextOf($"Tls:{key}") is { } other && other != file)
            Note($"another listener has '{other}': all show one certificate here (Tls:{key})");
        _import.Set($"Tls:{key}", file);
        return true;
    }

    private MosquittoListener Default()
    {
        if (_listener is null && _default is null)
            _listeners.Add(_default = new MosquittoListener { At = _import.At });
        return _listener ??= _default!;
    }

    private bool TryTakeLimit(string option, string value) => option switch
    {
        "max_inflight_messages" => Number("Limits:InflightMax", value, unlimited: 16_000),
        "max_queued_messages" => Number("Limits:QueueMessagesMax", value, unlimited: 100_000_000),
        "max_queued_bytes" => Number("Limits:QueueBytesMax", value, unlimited: null),
        "max_packet_size" or "message_size_limit" => Number("Limits:PacketBytesMax", value, unlimited: null),
        "max_connections" or "global_max_connections" => Number("Limits:ConnectionsMax", value, unlimited: null),
        "max_keepalive" => Number("Limits:KeepAliveSecondsMax", value, unlimited: 0),
        "max_topic_alias" => Number("Limits:TopicAliasMaximum", value, unlimited: 0),
        "sys_interval" => Number("Sys:IntervalSeconds", value, unlimited: 0),
        "persistent_client_expiration" => Duration("Limits:SessionExpirySecondsMax", value),
        _ => false,
    };

    // What has no end there has one here: the default, where none is named.
    private bool Number(string key, string value, long? unlimited)
    {
        if (!long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long number))
            Note($"'{value}' is no number");
        else if (number > 0)
            SetOnce(key, number); // some are of a listener there
        else if (unlimited is { } most)
            _import.Set(key, most);
        else
            Note($"without a bound there; every bound is finite here, and {key} keeps its default");
        return true;
    }

    private bool Duration(string key, string value)
    {
        long seconds = value.Length < 2 || !long.TryParse(value[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? 0 : count * value[^1] switch { 'h' => 3600, 'd' => 86_400, 'w' => 7 * 86_400, 'm' => 30 * 86_400, 'y' => 365 * 86_400, _ => 0 };
        if (seconds == 0)
            Note($"'{value}' is no time like 14d");
        else
            _import.Set(key, seconds);
        return true;
    }

    private bool TryTakeOther(string option, string value)
    {
        switch (option)
        {
            case "include_dir": return Include(value);
            case "log_type": return LogLevel(value);
            case "per_listener_settings" when value == "true":
                _access.IsByListener = true;
                Note("users, rights and limits are those of all listeners here");
                return true;
            default: return false;
        }
    }

    private bool LogLevel(string value)
    {
        string? level = value switch { "debug" or "all" => "Debug", "information" or "notice" or "subscribe" or "unsubscribe" or "websockets" => "Information", "warning" => "Warning", "error" => "Error", "none" => "None", _ => null };
        if (level is null)
            Note($"'{value}' is no kind of line that is known here (Log:Level)");
        // Several lines name several kinds; the one that says most counts.
        string[] order = ["Debug", "Information", "Warning", "Error", "None"];
        if (level is not null && (_import.TextOf("Log:Level") is not { } before || Array.IndexOf(order, level) < Array.IndexOf(order, before)))
            _import.Set("Log:Level", level);
        return true;
    }

    private bool SetText(string key, string value)
    {
        SetOnce(key, value);
        return true;
    }

    private void SetOnce(string key, JsonNode value)
    {
        if (_import.TextOf(key) is { } other && other != value.ToString())
            Note($"another line has '{other}': there is one {key} here, and the last counts");
        _import.Set(key, value);
    }

    private void Finish()
    {
        List<MosquittoListener> kept = _listeners.FindAll(static l => !l.IsLeftOut);
        foreach (MosquittoListener listener in kept.Where(static l => !l.IsWebSocket))
        {
            _import.At = listener.At;
            _import.Set("Listen:0", listener.ToAddress());
        }

        List<MosquittoListener> http = kept.FindAll(static l => l.IsWebSocket);
        if (http.Count > 0)
        {
            _import.At = http[0].At;
            _import.Set("Http", string.Join(',', http.Select(static l => l.ToAddress())));
        }

        if (_import.Has("Tls:CrlFile") && !_import.Has("Tls:ClientCertificates"))
            _ = _import.TryDrop("Tls:CrlFile", "crlfile is for clients with certificates, and require_certificate is not true");
        _access.Finish(_listeners);
    }
}
