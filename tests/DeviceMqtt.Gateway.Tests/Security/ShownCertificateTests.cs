using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>A client that has shown a certificate is let in for as long as that is taken and stands for the same user, though the users are the same.</summary>
[TestClass]
internal sealed class ShownCertificateTests
{
    [TestMethod]
    public async Task Rights_CertificateStandsForAnotherOrIsNotTaken_NotCurrent()
    {
        await using TestGateway gateway = Start();
        Shown shown = new() { User = "kitchen" };
        IClientRights rights = Admit(gateway, shown).Rights!;
        Assert.IsTrue(rights.IsCurrent);

        shown.User = "garden";
        Assert.IsFalse(rights.IsCurrent);
        shown.User = null;
        Assert.IsFalse(rights.IsCurrent);
        shown.User = "kitchen";
        shown.IsTaken = false;
        Assert.IsFalse(rights.IsCurrent);
        Assert.IsNotNull(Admit(gateway, shown).Refusal);
    }

    [TestMethod]
    public async Task Rights_CameByPassword_OnlyWhetherItIsTakenCounts()
    {
        await using TestGateway gateway = Start();
        Shown shown = new();
        IClientRights rights = Admit(gateway, shown, "kitchen", "secret").Rights!;
        Assert.IsTrue(rights.IsCurrent);

        shown.User = "garden"; // mapped only now
        Assert.IsTrue(rights.IsCurrent);
        shown.IsTaken = false;
        Assert.IsFalse(rights.IsCurrent);
    }

    [TestMethod]
    public async Task Rights_WithoutAUser_OnlyWhetherItIsTakenCounts()
    {
        await using TestGateway gateway = Start();
        Shown shown = new();
        IClientRights rights = Admit(gateway, shown).Rights!;
        Assert.IsTrue(rights.IsCurrent);

        shown.IsTaken = false;
        Assert.IsFalse(rights.IsCurrent);
    }

    private static TestGateway Start() => TestGateway.Start(security: static security =>
    {
        security.AllowAnonymous = true;
        foreach (string name in new[] { "kitchen", "garden" })
        {
            security.Users[name] = "secret";
            security.ClientIds[name] = ["*"];
        }
    });

    private static Admission Admit(TestGateway gateway, Shown shown, string? user = null, string? password = null) =>
        new Authenticator(gateway.Directory, gateway.Logins).Admit(
            new ConnectPacket { ClientId = "a", UserName = user, Password = password is null ? null : System.Text.Encoding.UTF8.GetBytes(password) },
            ClientEndPoint.With(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 1), shown));

    private sealed class Shown : IShownCertificate
    {
        public bool IsTaken { get; set; } = true;

        public string? User { get; set; }
    }
}
