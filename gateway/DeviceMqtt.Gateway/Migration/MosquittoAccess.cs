using System.Text.Json.Nodes;

namespace DeviceMqtt.Gateway.Migration;

/// <summary>
/// Who gets in by a <c>mosquitto.conf</c>, and what they may. Nothing is opened that was closed there: where something that is not here had a word in it (a plugin, a prefix of a
/// listener), nobody may do everything, and nobody gets in without a user.
/// </summary>
internal sealed class MosquittoAccess(MosquittoImport import)
{
    private const string AclPlugin = "mosquitto_acl_file"; // of mosquitto 2.1, for the option acl_file
    private const string PasswordPlugin = "mosquitto_password_file"; // the same for password_file
    private const string KeepingPlugin = "mosquitto_persist_sqlite"; // of mosquitto 2.1: keeps messages, and has no word about clients
    private string _plugin = ""; // of the line before
    private string? _rightsUnknown; // why nobody knows what a user may, without an ACL file
    private string? _closed; // why nobody gets in without a user
    private string? _clientIdPrefix;
    private bool _missesAcl; // a plugin of mosquitto's own has its file in an option that may be missing
    private bool _missesPasswords;
    private bool _isAnonymous;
    private bool _hasCertificates;
    private bool _hasCertificateUsers;
    private MosquittoPlace _anonymousAt;
    private MosquittoPlace _certificatesAt;
    private MosquittoPlace _prefixAt;
    private MosquittoPlace? _nothingKeptAt;

    /// <summary>Each listener has settings of its own.</summary>
    public bool IsByListener { get; set; }

    /// <summary>Takes an option about who gets in.</summary>
    /// <param name="option">Its name.</param>
    /// <param name="value">What stands behind it.</param>
    /// <param name="listener">That it stands under, made where it is asked for.</param>
    /// <returns>False for an option of something else.</returns>
    public bool TryTake(string option, string value, Func<MosquittoListener> listener)
    {
        switch (option)
        {
            case "allow_anonymous": return Anonymous(value == "true", IsByListener ? listener() : null);
            case "listener_allow_anonymous": return Anonymous(value == "true", listener());
            case "password_file": return PasswordFile(value);
            case "acl_file": return AclFile(value);
            case "plugin" or "auth_plugin" or "global_plugin": return Plugin(option, value);
            case "plugin_load": return Plugin(option, value.Split(' ', 2, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [_, var path] ? path : value);
            case "plugin_use": return true; // what is loaded counts
            case "plugin_opt_password_file" or "auth_opt_password_file" when _plugin == PasswordPlugin: return PasswordFile(value);
            case "plugin_opt_acl_file" or "auth_opt_acl_file" when _plugin == AclPlugin: return AclFile(value);
            case "persistence":
                _nothingKeptAt = value == "true" ? null : import.At;
                return true;
            case "clientid_prefixes":
                (_clientIdPrefix, _prefixAt) = (value, import.At);
                return true;
            case "use_username_as_clientid":
                if (value == "true")
                    NameAsClientId();
                return true;
            case "require_certificate" or "use_identity_as_username" or "use_subject_as_username":
                Certificates(option, value == "true");
                return false; // there is more to it
            case "mount_point":
                // A client reached the topics below it alone. What an ACL file says holds below it there, and everywhere here.
                _rightsUnknown ??= "mount_point kept its clients to the topics below it";
                _closed ??= _rightsUnknown;
                return false;
            case "psk_file" or "psk_hint":
                _closed ??= "clients had to know a shared key";
                return false;
            default:
                return option.StartsWith("plugin_opt_", StringComparison.Ordinal) || option.StartsWith("auth_opt_", StringComparison.Ordinal) ? Noted($"{option}: it is of a plugin that is not here") : false;
        }
    }

    /// <summary>All of it was read.</summary>
    public void Finish(List<MosquittoListener> listeners)
    {
        JudgeAnonymous(listeners);
        JudgeFiles();
        TakePrefix();
        if (_hasCertificates && !_hasCertificateUsers)
            import.Note("require_certificate without use_identity_as_username: here the Common Name is the user, who needs no password then; a client whose certificate names no user is refused", _certificatesAt);
        if (_isAnonymous && (_closed ?? (import.AclFile is null ? _rightsUnknown : null)) is { } why)
        {
            _isAnonymous = false;
            import.Note($"allow_anonymous is not taken over: {why}, and it would let anybody in here", _anonymousAt);
        }

        bool mayEverything = import.AclFile is null && _rightsUnknown is null;
        if (mayEverything && (_isAnonymous || import.PasswordFile is not null))
            AddEverythingRole();
        if (mayEverything)
            import.RoleOfUsers = MosquittoConf.EverythingRole;
        else if (import.AclFile is null)
            import.ClientIds = []; // a device, under its own name
        (import.IsAnonymous, import.AnonymousAt) = (_isAnonymous, _anonymousAt);
        if (_isAnonymous && mayEverything)
            import.LetAnybodyIn(MosquittoConf.EverythingRole);
        JudgeData();
        Remark(mayEverything);
    }

    // Without an ACL file everybody may do everything there, commands as well; here a user without a role is a device.
    private void AddEverythingRole()
    {
        string rights = $"Security:Rights:{MosquittoConf.EverythingRole}";
        import.Set($"{rights}:Publish", new JsonArray("#"));
        import.Set($"{rights}:Subscribe", new JsonArray("#", "$SYS/#"));
        import.Set($"{rights}:Commands", true);
    }

    private bool Anonymous(bool may, MosquittoListener? listener)
    {
        _anonymousAt = import.At;
        if (listener is null)
            _isAnonymous = may;
        else
            listener.IsAnonymous = may;
        return true;
    }

    // Anybody gets in by all listeners here, or by none: a listener that asked for a password would not any more.
    private void JudgeAnonymous(List<MosquittoListener> listeners)
    {
        if (listeners.Count == 0 || !(IsByListener || listeners.Exists(static l => l.IsAnonymous is not null)))
            return;
        bool May(MosquittoListener listener) => listener.IsAnonymous ?? (!IsByListener && _isAnonymous);
        bool isOpen = listeners.Exists(May);
        bool isOpenAlike = listeners.TrueForAll(l => May(l) || l.IsOfThisMachine);
        _isAnonymous = isOpen && isOpenAlike;
        if (isOpen && !isOpenAlike)
            import.Note("allow_anonymous of one listener would let anybody in by all of them here, and another one asks for a user: not taken over", _anonymousAt);
    }

    // One of mosquitto's own that was not told its file has let nobody in, or given no rights.
    private void JudgeFiles()
    {
        if (_missesAcl && import.AclFile is null)
            _rightsUnknown ??= "a plugin had a word in who may do what";
        if (_missesPasswords && import.PasswordFile is null)
            _closed ??= "a plugin asked for passwords";
    }

    private bool Plugin(string option, string path)
    {
        _plugin = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
        if (_plugin == AclPlugin)
            _missesAcl = true;
        else if (_plugin == PasswordPlugin)
            _missesPasswords = true;
        else if (_plugin == KeepingPlugin)
            import.Note($"{option}: {KeepingPlugin}: messages are in the gateway's own journal (Data)");
        else
            Foreign(option);
        return true;
    }

    private void Foreign(string option)
    {
        _closed ??= "a plugin had a word in who gets in";
        _rightsUnknown ??= "a plugin had a word in who may do what";
        import.Note($"{option}: there are no plugins; a program of yours can host the broker as a library (samples.md). Whom it let in, and to which topics, is not known here: give users their roles with 'user add' and 'user role'");
    }

    private bool PasswordFile(string file)
    {
        if (import.PasswordFile is { } other && other != file)
            import.Note($"password_file: another listener has '{other}', which is not taken over: 'user import' does it; users are those of all listeners here");
        import.PasswordFile = file;
        return true;
    }

    private bool AclFile(string file)
    {
        if (import.AclFile is { } other && other != file)
            import.Note($"acl_file: another listener has '{other}', which is not taken over: 'acl import' does it; rights are those of all listeners here");
        import.AclFile = file;
        return true;
    }

    private void NameAsClientId()
    {
        _closed ??= "without a user name nobody was let in (use_username_as_clientid)";
        import.IsNamedByUser = true;
        import.Note("use_username_as_clientid: a client keeps the Client Identifier that it says, and %c in patterns becomes %u; give each user its own with 'user role NAME ROLE --client-id NAME'");
    }

    private void Certificates(string option, bool isOn)
    {
        if (isOn && option == "require_certificate")
            (_hasCertificates, _certificatesAt) = (true, import.At);
        else if (isOn)
            _hasCertificateUsers = true;
    }

    // * stands for any characters here, and ? for any one.
    private void TakePrefix()
    {
        if (_clientIdPrefix is not { } prefix)
            return;
        _closed ??= "only some Client Identifiers were let in (clientid_prefixes)";
        import.ClientIds = [prefix.Replace('*', '?') + "*"];
        if (import.PasswordFile is null)
            import.Note("clientid_prefixes: say for each user which Client Identifiers it may have, Security:ClientIds:USER:0=prefix*", _prefixAt);
    }

    // Users are in the data folder.
    private void JudgeData()
    {
        if (_nothingKeptAt is not { } at)
            return;
        if (import.PasswordFile is null && import.AclFile is null && _rightsUnknown is null && _closed is null && !_hasCertificates && !_hasCertificateUsers)
            import.Set("Data", "none");
        else
            import.Note("persistence false is not taken over: users are in the data folder, and messages and sessions are kept there, too", at);
    }

    private void Remark(bool mayEverything)
    {
        if (import.AclFile is not null)
            import.Remarks.Add("a subscription that matches more topics than the client may have is refused (0x80, in 5.0 0x87); mosquitto grants it, and leaves the other messages out");
        if (import.PasswordFile is not null)
            import.Remarks.Add($"{(mayEverything ? "users may do everything with topics" : "users may do what is said of them")}; Home Assistant, and who is to look into the console, needs the role operator: 'user role NAME operator'");
        if (!import.Has("Limits:PacketBytesMax"))
            import.Remarks.Add($"without max_packet_size mosquitto takes packets of 2 MB (2.1) or 256 MB (2.0), the gateway of {new Broker.Words.GatewayLimits().PacketBytesMax} bytes (Limits:PacketBytesMax)");
    }

    private bool Noted(string why)
    {
        import.Note(why);
        return true;
    }
}
