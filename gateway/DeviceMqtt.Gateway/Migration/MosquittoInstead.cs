namespace DeviceMqtt.Gateway.Migration;

/// <summary>Options of a <c>mosquitto.conf</c> that have no setting here: what to do instead, or why nothing has to be done. gateway/docs/from-mosquitto.md has the table.</summary>
internal static class MosquittoInstead
{
    private static readonly Dictionary<string, string> Instead = new(StringComparer.Ordinal)
    {
        ["capath"] = "name one file with the authorities, Tls:ClientCaFile",
        ["ciphers"] = "TLS 1.2 and 1.3 with the ciphers of this machine's OpenSSL; its openssl.cnf says others",
        ["ciphers_tls1.3"] = "as ciphers",
        ["tls_version"] = "TLS 1.2 and 1.3, and nothing older",
        ["dhparamfile"] = "only key exchanges with elliptic curves are used",
        ["psk_hint"] = "there is no TLS with a shared key here, and the listener is left out; give each client a certificate or a password, and the listener a certificate",
        ["psk_file"] = "there is no TLS with a shared key here; give each client a certificate or a password",
        ["use_subject_as_username"] = "the Common Name is the user; Tls:CertificateUsers maps others",
        ["accept_protocol_versions"] = "3.1, 3.1.1 and 5.0 are always there",
        ["allow_zero_length_clientid"] = "a client without an identifier always gets one; a user's own identifiers (user role --client-id) keep it away",
        ["enable_control_api"] = "there is no $CONTROL: 'devicemqtt user', the console and the HTTP API do it",
        ["auto_id_prefix"] = "a client without an identifier gets one that begins with auto-",
        ["retain_available"] = "retained messages are always there; a role without the right to publish keeps them away",
        ["max_qos"] = "all of QoS 0, 1 and 2 are always there",
        ["http_dir"] = "the console has the pages at this address; serve others by a web server of yours",
        ["mount_point"] = "there is no prefix for a listener; rights by user (Security:Rights) keep groups of clients apart: give users their roles with 'user role'",
        ["bind_interface"] = "name the address of the interface in Listen; until then 127.0.0.1 stands there, where the listener named none",
        ["socket_domain"] = "name an IPv4 or IPv6 address in Listen",
        ["websockets_origin"] = "Security:Origins:0=https://panel.example.org",
        ["log_dest"] = "the log goes to standard output, and with systemd to the journal",
        ["log_facility"] = "the log goes to standard output, and with systemd to the journal",
        ["log_timestamp_format"] = "each line has the local time with its zone",
        ["persistence_location"] = "messages of mosquitto's own file are not taken over; --data or Data names the folder of this gateway",
        ["persistence_file"] = "messages of mosquitto's own file are not taken over",
        ["upgrade_outgoing_qos"] = "a message has the lower of its own QoS and the subscription's",
        ["max_inflight_bytes"] = "the number of messages bounds what is in flight (Limits:InflightMax), bytes what waits (Limits:QueueBytesMax)",
        ["memory_limit"] = "each bound is one of Limits",
        ["queue_qos0_messages"] = "QoS 0 does not wait for clients that are away",
        ["allow_duplicate_messages"] = "a client whose subscriptions overlap gets a message once, with 5.0 once for each Subscription Identifier; Mqtt:SubscriptionIdentifiers=Merged sends it once with all of them",
        ["global_max_clients"] = "Limits:SessionsMax",
        ["protocol"] = "a listener speaks MQTT, or MQTT over WebSocket with the console (Http); this one is left out",
    };

    // It is so here, or the system does it.
    private static readonly HashSet<string> Nothing = new(StringComparer.Ordinal)
    {
        "autosave_interval", "autosave_on_changes", "set_tcp_nodelay", "check_retain_source", "pid_file", "user", "retry_interval", "store_clean_interval", "log_timestamp", "connection_messages",
        "per_listener_settings", "use_identity_as_username", "websockets_log_level", "websockets_headers_size", "persistent_client_expiration",
    };

    /// <summary>What to do instead; null when the option is not here.</summary>
    public static string? Find(string option) => Instead.GetValueOrDefault(option);

    // With this value alone.
    private static readonly Dictionary<string, string> NothingWith = new(StringComparer.Ordinal)
    {
        ["allow_duplicate_messages"] = "true",
        ["allow_zero_length_clientid"] = "true",
        ["enable_control_api"] = "false",
        ["max_qos"] = "2",
        ["queue_qos0_messages"] = "false",
        ["retain_available"] = "true",
        ["upgrade_outgoing_qos"] = "false",
        ["use_subject_as_username"] = "false",
    };

    /// <summary>Nothing has to be done.</summary>
    public static bool NeedsNothing(string option, string value) => Nothing.Contains(option) || NothingWith.GetValueOrDefault(option) == value;
}
