using System.Net;
using System.Text;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Settings;

[TestClass]
internal sealed class AuthenticatorTests
{
    private static async Task<bool> MayConnectAsync(string remote, string? userName, string? password, bool allowAnonymous, string? userOnList)
    {
        SecurityOptions options = new() { AllowAnonymous = allowAnonymous };
        if (userOnList is not null)
            (options.Users["ops"], options.Roles["ops"]) = (userOnList, "operator");
        ConnectPacket packet = new() { ClientId = "x", UserName = userName, Password = password is null ? null : Encoding.UTF8.GetBytes(password) };
        return await RefusalAsync(options, packet, IPEndPoint.Parse(remote)) is null;
    }

    private static async Task<string?> RefusalAsync(SecurityOptions options, ConnectPacket packet, EndPoint? remote)
    {
        using Logins logins = new(new GatewayLimits(), TimeProvider.System, PasswordHash.Fits);
        Admission admission = new Authenticator(new UserDirectory(options), logins).Admit(packet, remote);
        return (admission.Later is { } later ? await later : admission).Refusal;
    }

    private const string Here = "127.0.0.1:5000";
    private const string Here6 = "[::1]:5000";
    private const string HereMapped = "[::ffff:127.0.0.1]:5000";
    private const string There = "192.0.2.1:5000";
    private const string ThereMapped = "[::ffff:192.0.2.1]:5000";

    [TestMethod]
    [DataRow(Here, null, null, false, null, true, DisplayName = "anonymous from this machine")]
    [DataRow(Here6, null, null, false, null, true, DisplayName = "the same over IPv6")]
    [DataRow(HereMapped, null, null, false, null, true, DisplayName = "the same over a mapped address")]
    [DataRow(There, null, null, false, null, false, DisplayName = "anonymous from elsewhere")]
    [DataRow(ThereMapped, null, null, false, null, false, DisplayName = "the same over a mapped address (elsewhere)")]
    [DataRow(There, null, null, true, null, true, DisplayName = "anonymous from elsewhere, allowed")]
    [DataRow(There, "ops", "right", false, "right", true, DisplayName = "user from elsewhere")]
    [DataRow(There, "ops", "Right", false, "right", false, DisplayName = "wrong password")]
    [DataRow(There, "ops", "right and more", false, "right", false, DisplayName = "password that only begins right")]
    [DataRow(There, "ops", null, false, "right", false, DisplayName = "no password")]
    [DataRow(There, "OPS", "right", false, "right", false, DisplayName = "user names are case-sensitive")]
    [DataRow(There, "other", "right", false, "right", false, DisplayName = "unknown user")]
    [DataRow(Here, "ops", "wrong", false, "right", false, DisplayName = "wrong password from this machine")]
    [DataRow(There, "ops", "wrong", true, "right", false, DisplayName = "wrong password where anonymous is allowed")]
    [DataRow(Here, "anybody", "anything", false, null, true, DisplayName = "a name where none is set up")]
    [DataRow(There, "anybody", "anything", false, null, false, DisplayName = "a name where none is set up, from elsewhere")]
    [DataRow(Here, null, null, false, "right", false, DisplayName = "anonymous from this machine where users are set up")]
    [DataRow(Here6, null, null, false, "right", false, DisplayName = "the same over IPv6, where users are set up")]
    [DataRow(Here, null, null, true, "right", true, DisplayName = "anonymous from this machine where users are set up, allowed")]
    [DataRow(Here, "other", "right", false, "right", false, DisplayName = "unknown user from this machine")]
    public async Task Client_Checked_AsTheRulesSay(string remote, string? userName, string? password, bool allowAnonymous, string? userOnList, bool mayConnect) =>
        Assert.AreEqual(mayConnect, await MayConnectAsync(remote, userName, password, allowAnonymous, userOnList));

    /// <summary>Whoever may have any Client Identifier was refused without one: none matched the pattern.</summary>
    [TestMethod]
    [DataRow("*", true)]
    [DataRow("**", true)]
    [DataRow("kitchen", false)]
    [DataRow("k*", false)]
    public async Task Client_WithoutAClientIdentifier_IsLetInWhereAnyWillDo(string clientIds, bool mayConnect)
    {
        SecurityOptions options = new() { Users = { ["third"] = "right" }, ClientIds = { ["third"] = [clientIds] } };
        string? refusal = await RefusalAsync(options, new ConnectPacket { ClientId = "", UserName = "third", Password = "right"u8.ToArray() }, IPEndPoint.Parse(There));
        Assert.AreEqual(mayConnect, refusal is null, refusal);
    }

    [TestMethod]
    public async Task Client_Refused_NotToldWhetherTheUserExists()
    {
        SecurityOptions options = new() { Users = { ["ops"] = "right" } };
        IPEndPoint remote = IPEndPoint.Parse(There);
        Assert.AreEqual(
            await RefusalAsync(options, new ConnectPacket { UserName = "nobody", Password = [1] }, remote),
            await RefusalAsync(options, new ConnectPacket { UserName = "ops", Password = [1] }, remote));
    }

    [TestMethod]
    public void CommandLine_OverTheSocketOfTheDataFolder_IsAnOperatorAlsoWhereUsersAreSetUp()
    {
        using Logins logins = new(new GatewayLimits(), TimeProvider.System, PasswordHash.Fits);
        Admission admission = new Authenticator(new UserDirectory(new SecurityOptions { Users = { ["ops"] = "right" }, LocalRole = "device" }), logins).Admit(new ConnectPacket(), LocalEndPoint.Instance);
        Assert.IsNull(admission.Refusal);
        Assert.AreEqual(ClientRole.Operator, admission.Role);
    }

    [TestMethod]
    public async Task Client_OverATransportWithoutAddress_IsFromElsewhere() =>
        Assert.IsNotNull(await RefusalAsync(new SecurityOptions(), new ConnectPacket(), remote: null));
}
