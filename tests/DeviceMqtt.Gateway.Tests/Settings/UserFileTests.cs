using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>The users of <c>device add</c>, seen by a gateway that runs.</summary>
[TestClass]
internal sealed class UserFileTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-users").FullName;

    [TestCleanup]
    public void Erase() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void User_AddedWhileTheGatewayRuns_MayConnectAtOnce()
    {
        Authenticator authenticator = new(new SecurityOptions(), new UserFile(_folder));
        Assert.IsNotNull(authenticator.Check(Connect("kitchen", "right"u8), There));

        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));

        Assert.IsNull(authenticator.Check(Connect("kitchen", "right"u8), There));
        Assert.IsNotNull(authenticator.Check(Connect("kitchen", "wrong"u8), There));
        Assert.IsNotNull(authenticator.Check(Connect("cellar", "right"u8), There));

        new UserFile(_folder).Set("kitchen", PasswordHash.Create("other"));
        Assert.IsNotNull(authenticator.Check(Connect("kitchen", "right"u8), There));

        Assert.IsTrue(new UserFile(_folder).Remove("kitchen"));
        Assert.IsNotNull(authenticator.Check(Connect("kitchen", "other"u8), There));
    }

    [TestMethod]
    public void User_OfTheFile_IsADeviceEvenOnThisMachine()
    {
        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));
        Authenticator authenticator = new(new SecurityOptions(), new UserFile(_folder));

        Assert.AreEqual(ClientRole.Device, authenticator.RoleOf(Connect("kitchen", "right"u8), IPEndPoint.Parse("127.0.0.1:5000")));
        Assert.AreEqual(ClientRole.Device, authenticator.RoleOf(Connect("kitchen", "right"u8), There));
    }

    [TestMethod]
    public void User_OfTheSettings_CountsBeforeThatOfTheFile()
    {
        new UserFile(_folder).Set("ops", PasswordHash.Create("of the file"));
        Authenticator authenticator = new(new SecurityOptions { Users = { ["ops"] = "of the settings" } }, new UserFile(_folder));

        Assert.IsNull(authenticator.Check(Connect("ops", "of the settings"u8), There));
        Assert.IsNotNull(authenticator.Check(Connect("ops", "of the file"u8), There));
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("[]")]
    [DataRow("{\"kitchen\":")]
    [DataRow("{\"kitchen\":7}")]
    [DataRow("{\"kitchen\":null}")]
    public void File_Wrong_LetsNobodyInAndIsNotWrittenOver(string text)
    {
        string path = Path.Combine(_folder, UserFile.Name);
        File.WriteAllText(path, text);
        UserFile file = new(_folder);

        Assert.IsEmpty(file.Users);
        Assert.ThrowsExactly<InvalidDataException>(() => file.Set("cellar", "x"));
        Assert.AreEqual(text, File.ReadAllText(path));
    }

    private static IPEndPoint There => IPEndPoint.Parse("192.0.2.1:5000");

    private static ConnectPacket Connect(string userName, ReadOnlySpan<byte> password) => new() { ClientId = "x", UserName = userName, Password = password.ToArray() };
}
