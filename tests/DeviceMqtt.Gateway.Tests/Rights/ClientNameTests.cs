using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>Whose a Client Identifier is, and the device name in it: a rule with <c>%d</c> is filled with what the client says.</summary>
[TestClass]
internal sealed class ClientNameTests
{
    private static readonly IPEndPoint Elsewhere = new(IPAddress.Parse("192.0.2.7"), 40_000);

    [TestMethod]
    [DataRow("wild", "kitchen", false, DisplayName = "the device name of a board")]
    [DataRow("wild", "GID_x@@@kitchen", false, DisplayName = "behind another group")]
    [DataRow("wild", "GID_home@@@kitchen", false, DisplayName = "its whole identifier")]
    [DataRow("wild", "other", false, DisplayName = "the name of another device's user")]
    [DataRow("wild", "sensor-7", true)]
    [DataRow("wild", "wild", true)]
    [DataRow("kitchen", "GID_home@@@kitchen", true)]
    [DataRow("second", "GID_b@@@kitchen", true, DisplayName = "an identifier that was given to it in full")]
    [DataRow("ops", "kitchen", true, DisplayName = "an operator, who may everything anyway")]
    [DataRow(null, "kitchen", false, DisplayName = "without a user")]
    [DataRow(null, "sensor-8", true, DisplayName = "without a user, a name that is nobody's")]
    public async Task CONNECT_WithTheNameOfADevice_OnlyItsUser(string? user, string clientId, bool may)
    {
        await using TestGateway gateway = Start(static o => o.AllowAnonymous = true);
        TestClient client = gateway.Open(ProtocolVersion.V311, Elsewhere);
        byte code = (await client.ConnectAsync(clientId, userName: user, password: user is null ? null : $"{user}-password")).Code;
        Assert.AreEqual(may ? 0 : (byte)ConnectReturnCode.NotAuthorized, code);
    }

    // A board is added whose name somebody has taken already.
    [TestMethod]
    [DataRow("wild"), DataRow(null)]
    public async Task Device_AddedWhileAnotherHasItsName_TheOtherIsDisconnected(string? user)
    {
        await using TestGateway gateway = Start(static o => o.AllowAnonymous = true);
        TestClient client = gateway.Open(ProtocolVersion.V311, Elsewhere);
        Assert.AreEqual(0, (await client.ConnectAsync("cellar", userName: user, password: user is null ? null : "wild-password")).Code);

        gateway.Directory.Use(Options(static o =>
        {
            (o.Users["cellar"], o.ClientIds["cellar"], o.AllowAnonymous) = ("cellar-password", ["GID_home@@@cellar"], true);
        }));
        gateway.Advance(1);

        await client.ExpectCloseAsync(CloseReason.RightsChanged);
    }

    [TestMethod]
    [DataRow(@"lamp\1", @"lamp\1", true)]
    [DataRow(@"lamp\*", @"lamp\7", true, DisplayName = "a backslash is a character like any other")]
    [DataRow(@"lamp\*", "lamp*", false)]
    [DataRow("lamp-*", "lamp-7", true)]
    [DataRow("lamp-?", "lamp-77", false)]
    public async Task ClientIds_Pattern_StarAndQuestionMarkAlone(string pattern, string clientId, bool may)
    {
        await using TestGateway gateway = Start(o => o.ClientIds["wild"] = [pattern]);
        TestClient client = gateway.Open(ProtocolVersion.V311, Elsewhere);
        byte code = (await client.ConnectAsync(clientId, userName: "wild", password: "wild-password")).Code;
        Assert.AreEqual(may ? 0 : (byte)ConnectReturnCode.NotAuthorized, code);
    }

    [TestMethod]
    [DataRow("operator", "monitor")]
    [DataRow("operator", "device")]
    public async Task Anonymous_RoleTaken_ItsClientsAreDisconnected(string before, string after)
    {
        await using TestGateway gateway = Start(o => (o.AllowAnonymous, o.AnonymousRole) = (true, before));
        TestClient client = await AnonymousAsync(gateway, Elsewhere);
        gateway.Directory.Use(Options(o => (o.AllowAnonymous, o.AnonymousRole, o.LocalRole) = (true, before, Roles.Monitor)));
        gateway.Advance(1);
        await client.ExpectNothingAsync();

        gateway.Directory.Use(Options(o => (o.AllowAnonymous, o.AnonymousRole) = (true, after)));
        gateway.Advance(1);

        await client.ExpectCloseAsync(CloseReason.RightsChanged);
    }

    [TestMethod]
    public async Task Anonymous_RightsOfItsRoleNarrowed_ItsClientsAreDisconnected()
    {
        static void Rights(SecurityOptions options, string publish)
        {
            (options.AllowAnonymous, options.AnonymousRole) = (true, "guest");
            options.Rights["guest"] = new RoleRights { Publish = [publish] };
        }

        await using TestGateway gateway = Start(static o => Rights(o, "#"));
        TestClient client = await AnonymousAsync(gateway, Elsewhere);
        gateway.Directory.Use(Options(static o => Rights(o, "guests/#")));
        gateway.Advance(1);
        await client.ExpectCloseAsync(CloseReason.RightsChanged);
    }

    [TestMethod]
    public async Task Anonymous_FirstUserIsAdded_WhoWasLocalOperatorIsDisconnected()
    {
        await using TestGateway gateway = TestGateway.Start(security: static o => o.AllowAnonymous = true);
        TestClient client = await AnonymousAsync(gateway, new IPEndPoint(IPAddress.Loopback, 40_000));
        gateway.Directory.Use(Options(static o => o.AllowAnonymous = true));
        gateway.Advance(1);
        await client.ExpectCloseAsync(CloseReason.RightsChanged);
    }

    [TestMethod]
    public async Task Anonymous_NotAllowedAnyMoreWithoutAnyUser_RemoteClientsAreDisconnectedAndLocalOnesStay()
    {
        await using TestGateway gateway = TestGateway.Start(security: static o => o.AllowAnonymous = true);
        TestClient remote = await AnonymousAsync(gateway, Elsewhere);
        TestClient local = await AnonymousAsync(gateway, new IPEndPoint(IPAddress.Loopback, 40_000), "local");
        gateway.Directory.Use(new SecurityOptions());
        gateway.Advance(1);
        await remote.ExpectCloseAsync(CloseReason.RightsChanged);
        await local.ExpectNothingAsync();
    }

    private static async Task<TestClient> AnonymousAsync(TestGateway gateway, IPEndPoint remote, string clientId = "guest")
    {
        TestClient client = gateway.Open(ProtocolVersion.V311, remote);
        Assert.AreEqual(0, (await client.ConnectAsync(clientId)).Code);
        return client;
    }

    private static SecurityOptions Options(Action<SecurityOptions> more)
    {
        SecurityOptions options = new();
        foreach (string user in (string[])["wild", "kitchen", "second", "other", "ops"])
            options.Users[user] = $"{user}-password";
        options.Roles["ops"] = Roles.Operator;
        (options.ClientIds["wild"], options.ClientIds["kitchen"], options.ClientIds["second"]) = (["*"], ["GID_home@@@kitchen"], ["GID_b@@@kitchen"]);
        more(options);
        return options;
    }

    private static TestGateway Start(Action<SecurityOptions> more) => TestGateway.Start(security: options =>
    {
        SecurityOptions made = Options(more);
        (options.Users, options.Roles, options.ClientIds, options.Rights) = (made.Users, made.Roles, made.ClientIds, made.Rights);
        (options.AllowAnonymous, options.AnonymousRole, options.LocalRole) = (made.AllowAnonymous, made.AnonymousRole, made.LocalRole);
    });
}
