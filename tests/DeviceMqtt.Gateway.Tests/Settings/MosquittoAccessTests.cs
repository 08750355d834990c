using System.Net;
using System.Text;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>The whole <c>import</c>, and then who gets in and what they may: nobody more than mosquitto let.</summary>
[TestClass]
[DoNotParallelize] // standard output
internal sealed class MosquittoAccessTests : IDisposable
{
    private const string Alice = "alice:$7$101$Mee9fUxEBRMMAoo9$OJOrI5rt+4JyB6qEzk4IL4kVsQB+6nExMcJX5eu49xRvuarNUTEkFYGsxLYPBtKNthwmpHQDtvyFuZ5Bk8lMsw==";
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-import").FullName;
    private readonly Logins _logins = new(new GatewayLimits { LoginDelayMsMax = 0 }, TimeProvider.System, PasswordHash.Fits);
    private string _said = "";

    private string Data => Path.Combine(_folder, "data");

    public void Dispose()
    {
        _logins.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Each has a word in who gets in, or in what they may, that nothing here can say.</summary>
    [TestMethod]
    [DataRow("plugin /usr/lib/mosquitto_dynamic_security.so\nplugin_opt_config_file dynsec.json")]
    [DataRow("auth_plugin /usr/lib/auth.so\nauth_opt_backends files\nauth_opt_acl_file acl")]
    [DataRow("global_plugin /usr/lib/x.so")]
    [DataRow("plugin_load x /usr/lib/x.so\nlistener 1884\nplugin_use x")]
    [DataRow("plugin /usr/lib/mosquitto_acl_file.so")]
    [DataRow("listener 1883\nmount_point house/")]
    public async Task RightsThatNothingHereCanSay_NobodyMayEverything(string conf)
    {
        GatewayOptions options = Import($"allow_anonymous true\npassword_file passwd\n{conf}", acl: null);
        Assert.IsNotNull((await Admit(options, "any")).Refusal, _said);
        foreach (string clientId in (string[])["any", "alice"])
        {
            Admission alice = await Admit(options, clientId, "alice");
            Assert.IsTrue(alice.Refusal is not null || !(alice.Rights!.MayPublish("x") || alice.Rights.MaySubscribe("#") || alice.Rights.MayPublish("dm/other/x")), $"{clientId}: {_said}");
        }

        Assert.Contains("allow_anonymous is not taken over", _said, StringComparison.Ordinal);
    }

    /// <summary>There a client without a user did not get in, whatever <c>allow_anonymous</c> says.</summary>
    [TestMethod]
    [DataRow("plugin /usr/lib/x.so", "acl_file acl")]
    [DataRow("plugin /usr/lib/mosquitto_password_file.so", "acl_file acl")]
    [DataRow("use_username_as_clientid true", "")]
    [DataRow("clientid_prefixes sensor-", "")]
    [DataRow("psk_file psk\nlistener 8883\npsk_hint x", "")]
    [DataRow("listener 1883\nlistener 1884\nlistener_allow_anonymous false", "")]
    [DataRow("acl_file acl-of-nobody", "")]
    [DataRow("acl_file acl-that-is-not-there", "")]
    public async Task ClientsWithoutAUser_KeptOutThere_KeptOutHere(string conf, string more)
    {
        File.WriteAllText(Path.Combine(_folder, "acl-of-nobody"), "user alice\ntopic #\n");
        GatewayOptions options = Import($"allow_anonymous true\n{conf}\n{more}", "topic read open/#\nuser alice\ntopic a/#");
        Assert.IsNotNull((await Admit(options, "any")).Refusal, _said);
        Assert.Contains("allow_anonymous", _said, StringComparison.Ordinal);
    }

    [TestMethod]
    [DataRow("allow_anonymous true\nlistener 1883\nlistener_allow_anonymous false", false)]
    [DataRow("listener 1883\nlistener_allow_anonymous true", true)]
    [DataRow("allow_anonymous true\nlistener 1883\nlistener 1884 127.0.0.1\nlistener_allow_anonymous false", true)]
    public async Task Listener_ThatSaysItselfWhoGetsIn_Counts(string conf, bool isOpen) => Assert.AreEqual(isOpen, (await Admit(Import(conf, acl: null), "any")).Refusal is null, _said);

    [TestMethod]
    [DataRow("acl_file acl")]
    [DataRow("plugin /usr/lib/x86_64-linux-gnu/mosquitto_acl_file.so\nplugin_opt_acl_file acl\nplugin mosquitto_password_file.so\nplugin_opt_password_file passwd")]
    [DataRow("plugin_load rights /usr/lib/mosquitto_acl_file.so\nplugin_opt_acl_file acl")]
    public async Task AclFile_WhereverItIsNamed_SaysWhatEachMay(string conf)
    {
        GatewayOptions options = Import($"allow_anonymous true\npassword_file passwd\n{conf}", "topic read open/#\nuser alice\ntopic a/#\npattern write c/%c\npattern read u/%u");
        Admission anybody = await Admit(options, "any");
        Assert.IsNull(anybody.Refusal, _said);
        Assert.AreEqual((true, false, false, true, false), (anybody.Rights!.MaySubscribe("open/#"), anybody.Rights.MaySubscribe("#"), anybody.Rights.MayPublish("dm/any/x"), anybody.Rights.MayPublish("c/any"), anybody.Rights.MayPublish("c/other")));
        Admission alice = await Admit(options, "any", "alice");
        Assert.IsNull(alice.Refusal, _said);
        Assert.AreEqual((true, false, true, false), (alice.Rights!.MayPublish("a/b"), alice.Rights.MayPublish("b"), alice.Rights.MaySubscribe("u/alice"), alice.Rights.MaySubscribe("open/#")));
    }

    [TestMethod]
    [DataRow("", ClientRole.Operator)]
    [DataRow("acl_file acl", ClientRole.Operator)]
    public async Task Everything_CommandsToo(string conf, ClientRole role)
    {
        GatewayOptions options = Import($"password_file passwd\n{conf}", "user alice\ntopic #\ntopic $SYS/#");
        Admission alice = await Admit(options, "any", "alice");
        Assert.AreEqual((null, role), (alice.Refusal, alice.Role), _said);
        Assert.IsTrue(alice.Rights!.MayPublish("x") && alice.Rights.MaySubscribe("#") && alice.Rights.MaySubscribe("$SYS/#"));
        Assert.Contains("note: ", _said, StringComparison.Ordinal);
        Assert.Contains("needs the role operator", _said, StringComparison.Ordinal);
        Assert.AreEqual(conf.Length > 0, _said.Contains("mosquitto grants it", StringComparison.Ordinal));
        Assert.AreEqual(0, _exitCode, _said);
    }

    /// <summary>There the user's name is the Client Identifier; here a client says one.</summary>
    [TestMethod]
    public async Task UserNameAsClientId_PatternsAreThoseOfTheUser()
    {
        GatewayOptions options = Import("use_username_as_clientid true\npassword_file passwd\nacl_file acl", "user alice\npattern readwrite dev/%c/#\npattern readwrite percent/%d/#");
        Admission alice = await Admit(options, "bob", "alice");
        Assert.AreEqual((true, false, false, false), (alice.Rights!.MayPublish("dev/alice/x"), alice.Rights.MayPublish("dev/bob/x"), alice.Rights.MaySubscribe("dev/bob/#"), alice.Rights.MayPublish("percent/bob/x")));
        Assert.Contains("line 1: use_username_as_clientid: ", _said, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task ClientIdPrefixes_HoldForTheUsers()
    {
        GatewayOptions options = Import("clientid_prefixes sensor-\npassword_file passwd", acl: null);
        Assert.IsNotNull((await Admit(options, "any", "alice")).Refusal);
        Assert.IsNull((await Admit(options, "sensor-1", "alice")).Refusal);
    }

    /// <summary>Without a data folder no user is read: then whoever is on this machine was an operator without a password.</summary>
    [TestMethod]
    [DataRow("password_file passwd", true)]
    [DataRow("acl_file acl", true)]
    [DataRow("plugin /x.so", true)]
    [DataRow("require_certificate true\nuse_identity_as_username true", true)]
    [DataRow("allow_anonymous true", false)]
    public void NothingKept_WhereUsersAre_IsNotTakenOver(string conf, bool keepsData)
    {
        Assert.AreEqual(keepsData, Import($"persistence false\n{conf}", acl: "user alice\ntopic #").KeepsData, _said);
        Assert.AreEqual(keepsData, _said.Contains("line 1: persistence false is not taken over", StringComparison.Ordinal), _said);
    }

    [TestMethod]
    [DataRow(GatewayOptions.NoData, true, "0.0.0.0:1883", "the users in")]
    [DataRow(GatewayOptions.NoData, true, "127.0.0.1:1883", "the users in")]
    [DataRow(GatewayOptions.NoData, false, "0.0.0.0:1883", "there are no users")]
    [DataRow(GatewayOptions.NoData, false, "127.0.0.1:1883", null)]
    [DataRow("x", true, "0.0.0.0:1883", null)]
    public void Start_WithUsersThatAreNotRead_SaysSo(string data, bool hasFile, string on, string? said)
    {
        if (hasFile)
            File.WriteAllText(Path.Combine(_folder, UserFile.Name), "{}");
        string? unread = RunCommand.UnreadUsers(new GatewayOptions { Data = data }, [new DeviceMqtt.Gateway.Tls.ListenOn(IPEndPoint.Parse(on), IsTls: false)], _folder);
        StringAssert.StartsWith(unread ?? "", said ?? "", StringComparison.Ordinal);
        Assert.AreEqual(said is null, unread is null);
        GatewayOptions options = new() { Data = data };
        options.Security.Users["ann"] = "a-password";
        Assert.IsNull(RunCommand.UnreadUsers(options, [], _folder));
    }

    /// <summary>It would be open to a network that it was not open to, or speak what nobody speaks there.</summary>
    [TestMethod]
    [DataRow("listener 1883\nbind_interface eth1", "127.0.0.1:1883")]
    [DataRow("listener 1883 192.168.0.2\nbind_interface eth1", "192.168.0.2:1883")]
    [DataRow("listener 1883\nsocket_domain ipv4", "0.0.0.0:1883")]
    [DataRow("listener 1884\nlistener 1883\nprotocol http_api", "*:1884")]
    [DataRow("listener 1884\nlistener 8883\npsk_hint x", "*:1884")]
    public void Listener_OfFewer_IsNotOneOfMore(string conf, string listen) => CollectionAssert.AreEqual((string[])[listen], Import(conf, acl: null).Listen);

    [TestMethod]
    [DataRow("bridge_psk 0a\nbridge_identity me")]
    [DataRow("bridge_tls_use_os_certs true")]
    public void Bridge_WhosePasswordIsNotForEverybody_KeepsItsTls(string option) =>
        CollectionAssert.AreEqual((string[])["mqtts://h:8883"], Import($"connection up\naddress h:8883\nremote_username u\nremote_password p\n{option}", acl: null).Relays[0].Addresses);

    [TestMethod]
    [DataRow("listener 1883\npassword_file a\nlistener 1884\npassword_file passwd", "line 5: password_file: another listener has 'a'")]
    [DataRow("listener 1883\nacl_file a\nlistener 1884\nacl_file acl", "line 5: acl_file: another listener has 'a'")]
    [DataRow("listener 1883\nmax_connections 3\nlistener 1884\nmax_connections 4", "line 5: another line has '3'")]
    [DataRow("listener 1883\ncafile a.pem\nrequire_certificate true\nuse_identity_as_username true\nlistener 1884\ncafile b.pem", "line 7: another line has 'a.pem'")]
    public void OptionOfTwoListeners_TheOneThatIsLostIsNamed(string conf, string note)
    {
        _ = Import($"per_listener_settings true\n{conf}", "user alice\ntopic a");
        Assert.Contains(note, _said, StringComparison.Ordinal);
        Assert.AreEqual(1, _exitCode);
    }

    [TestMethod]
    [DataRow("max_packet_size 1000000", false)]
    [DataRow("", true)]
    public void PacketsWithoutABound_Remarked(string conf, bool isSaid)
    {
        _ = Import(conf, acl: null);
        Assert.AreEqual(isSaid, _said.Contains("note: without max_packet_size", StringComparison.Ordinal), _said);
        Assert.AreEqual(0, _exitCode, _said);
    }

    private int _exitCode;

    // The whole command, as somebody types it.
    private GatewayOptions Import(string conf, string? acl)
    {
        string file = Path.Combine(_folder, "mosquitto.conf"), to = Path.Combine(_folder, "gateway.json");
        File.WriteAllText(file, conf);
        File.WriteAllText(Path.Combine(_folder, "passwd"), Alice);
        if (acl is not null)
            File.WriteAllText(Path.Combine(_folder, "acl"), acl);
        (TextWriter output, TextWriter errors) = (Console.Out, Console.Error);
        using StringWriter said = new();
        try
        {
            Console.SetOut(said);
            Console.SetError(said);
            _exitCode = ImportCommand.Create().Parse([file, "--to", to, "--data", Data]).Invoke();
        }
        finally
        {
            Console.SetOut(output);
            Console.SetError(errors);
            _said = said.ToString();
        }

        Assert.IsTrue(File.Exists(to), _said);
        return SettingsReader.Read(to, [], new Dictionary<string, string?>());
    }

    // As a client of another machine.
    private async Task<Admission> Admit(GatewayOptions options, string clientId, string? user = null)
    {
        Directory.CreateDirectory(Data);
        UserDirectory directory = new(options.Security, options.KeepsData ? new UserFile(Data) : null, options.KeepsData ? new RoleFile(Data) : null);
        Authenticator authenticator = new(directory, _logins);
        Admission admission = authenticator.Admit(new ConnectPacket { ClientId = clientId, UserName = user, Password = user is null ? null : Encoding.UTF8.GetBytes("wonderland1") }, IPEndPoint.Parse("192.0.2.1:5000"));
        if (admission.Later is { } later)
            admission = await Patience.Within(later, "the login");
        await Patience.Until(() => !authenticator.IsRehashing, "the end of the rehash");
        return admission;
    }
}
