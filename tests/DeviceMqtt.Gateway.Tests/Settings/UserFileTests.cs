using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>The users of <c>device add</c>, seen by a gateway that runs.</summary>
[TestClass]
internal sealed class UserFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-users").FullName;

    private readonly Logins _logins = new(new GatewayLimits { LoginDelayMsMax = 0 }, TimeProvider.System, PasswordHash.Fits);

    public void Dispose()
    {
        _logins.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    public async Task User_AddedWhileTheGatewayRuns_MayConnectAtOnce()
    {
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions(), new UserFile(_folder)), _logins);
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), There)).Refusal);

        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));

        Assert.IsNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), There)).Refusal);
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("kitchen", "wrong"u8), There)).Refusal);
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("cellar", "right"u8), There)).Refusal);

        new UserFile(_folder).Set("kitchen", PasswordHash.Create("other"));
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), There)).Refusal);

        Assert.IsNull(new UserFile(_folder).TryRemove("kitchen", static _ => null));
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("kitchen", "other"u8), There)).Refusal);
    }

    // Each look at the files is two system calls, and hundreds connect together behind a power cut. What has arrived behind a change belongs to another look.
    [TestMethod]
    public void Users_OfOneLookAtTheSockets_AreLookedAtOnce()
    {
        long look = 0;
        UserDirectory directory = new(new SecurityOptions(), new UserFile(_folder)) { LookNumber = () => look };
        look = 7;
        Assert.IsNull(directory.Now().Find("kitchen"));
        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));

        Assert.IsNull(directory.Now().Find("kitchen"));
        look = 8;
        Assert.IsNotNull(directory.Now().Find("kitchen"));
        look = 0; // another thread, of which nothing is known
        Assert.IsNotNull(directory.Now().Find("kitchen"));
        Assert.IsNull(new UserFile(_folder).TryRemove("kitchen", static _ => null));
        Assert.IsNull(directory.Now().Find("kitchen"));
    }

    // A wrong mode or owner, put right with chmod or chown, changes neither the time of the file nor its length: its users stayed out until the next start.
    [TestMethod]
    public async Task File_KeptFromTheGatewayForAWhile_LetsItsUsersInWhenItIsNotAnyMore()
    {
        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));
        List<string> said = [];
        WatchedFile<string> watched = new(Path.Combine(_folder, UserFile.Name), bytesMax: 1024, static (bytes, _) => $"{bytes.Length} bytes", static () => "none", said.Add);
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions(), new UserFile(_folder)), _logins);
        using (new FileStream(Path.Combine(_folder, UserFile.Name), FileMode.Open, FileAccess.Read, FileShare.None))
        {
            Assert.IsNotNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), There)).Refusal);
            Assert.IsNotNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), IPEndPoint.Parse("127.0.0.1:5000"))).Refusal, "it is not taken for no user at all");
            string before = watched.Value;
            Assert.AreEqual("none", before);
            Assert.AreSame(before, watched.Value, "nothing has changed");
            Assert.HasCount(1, said);
        }

        Assert.IsNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), There)).Refusal);
        StringAssert.EndsWith(watched.Value, "bytes", StringComparison.Ordinal);
    }

    // A bad disk: the file opens, and cannot be read. Each login read it again, and each time the log said so.
    [TestMethod]
    public void File_OpenedAndNotRead_ReadOnceASecondAndSaidOnce()
    {
        string path = Path.Combine(_folder, UserFile.Name);
        File.WriteAllText(path, "x");
        List<string> said = [];
        FakeTime time = new();
        string? fault = "the disk is bad";
        int reads = 0;
        WatchedFile<string> watched = new(path, bytesMax: 1024, Read, static () => new string('-', 4), said.Add, time);

        string before = watched.Value;
        for (int login = 0; login < 50; login++)
            Assert.AreSame(before, watched.Value, "nothing has changed");
        Assert.AreEqual(2, reads, "at first, and once more because it can be opened");
        for (int second = 0; second < 10; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            for (int login = 0; login < 5; login++)
                Assert.AreSame(before, watched.Value, "nothing has changed");
        }

        Assert.AreEqual(12, reads);
        CollectionAssert.AreEqual(new[] { "the disk is bad" }, said);

        fault = "the disk is worse";
        time.Advance(TimeSpan.FromSeconds(1));
        _ = watched.Value;
        CollectionAssert.AreEqual(new[] { "the disk is bad", "the disk is worse" }, said, "another reason is said");
        File.WriteAllText(path, "xy");
        _ = watched.Value;
        Assert.HasCount(3, said, "another file is said, too");

        fault = null;
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.AreEqual("2 bytes", watched.Value);
        Assert.IsNull(watched.Fault);

        string Read(ReadOnlyMemory<byte> bytes, string name)
        {
            reads++;
            return fault is null ? $"{bytes.Length} bytes" : throw new IOException(fault);
        }
    }

    [TestMethod]
    public async Task User_OfTheFile_IsADeviceEvenOnThisMachine()
    {
        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions(), new UserFile(_folder)), _logins);

        Assert.AreEqual(ClientRole.Device, (await AdmitAsync(authenticator, Connect("kitchen", "right"u8), IPEndPoint.Parse("127.0.0.1:5000"))).Role);
        Assert.AreEqual(ClientRole.Device, (await AdmitAsync(authenticator, Connect("kitchen", "right"u8), There)).Role);
    }

    [TestMethod]
    public async Task User_OfTheSettings_CountsBeforeThatOfTheFile()
    {
        new UserFile(_folder).Set("ops", PasswordHash.Create("of the file"));
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions { Users = { ["ops"] = "of the settings" } }, new UserFile(_folder)), _logins);

        Assert.IsNull((await AdmitAsync(authenticator, Connect("ops", "of the settings"u8), There)).Refusal);
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("ops", "of the file"u8), There)).Refusal);
    }

    [TestMethod]
    public async Task User_FirstOneMade_ThisMachineNeedsAPasswordFromThenOn()
    {
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions(), new UserFile(_folder)), _logins);
        Assert.IsNull((await AdmitAsync(authenticator, new ConnectPacket { ClientId = "x" }, Here)).Refusal);

        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));

        Assert.IsNotNull((await AdmitAsync(authenticator, new ConnectPacket { ClientId = "x" }, Here)).Refusal);
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("anybody", "x"u8), Here)).Refusal);
        Assert.IsNull((await AdmitAsync(authenticator, Connect("kitchen", "right"u8), Here)).Refusal);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("{\"kitchen\":")]
    [DataRow("{\"kitchen\":7}")]
    public async Task File_ThatCannotBeRead_OpensTheGatewayToNobody(string text)
    {
        File.WriteAllText(Path.Combine(_folder, UserFile.Name), text);
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions { Users = { ["ops"] = "of the settings" } }, new UserFile(_folder)), _logins);

        Assert.IsNotNull((await AdmitAsync(authenticator, new ConnectPacket { ClientId = "x" }, Here)).Refusal);
        Assert.IsNotNull((await AdmitAsync(authenticator, Connect("anybody", "x"u8), Here)).Refusal);
        Assert.IsNull((await AdmitAsync(authenticator, Connect("ops", "of the settings"u8), Here)).Refusal);

        Authenticator withoutSettings = new(new UserDirectory(new SecurityOptions(), new UserFile(_folder)), _logins);
        Assert.IsNotNull((await AdmitAsync(withoutSettings, new ConnectPacket { ClientId = "x" }, Here)).Refusal);
        Assert.IsNotNull((await AdmitAsync(withoutSettings, Connect("anybody", "x"u8), Here)).Refusal);
    }

    [TestMethod]
    public async Task File_ThatIsAFolder_OpensTheGatewayToNobody()
    {
        // What cannot be opened for a reason other than that it is not there; a test may run as root, whom no mode keeps out.
        Directory.CreateDirectory(Path.Combine(_folder, UserFile.Name));
        Authenticator authenticator = new(new UserDirectory(new SecurityOptions(), new UserFile(_folder)), _logins);

        Assert.IsNotNull((await AdmitAsync(authenticator, new ConnectPacket { ClientId = "x" }, Here)).Refusal);
    }

    [TestMethod]
    public void Users_ToANewDataFolder_KeptAsTheyAre()
    {
        new UserFile(_folder).Set("kitchen", PasswordHash.Create("right"));
        string to = Path.Combine(_folder, "salvaged");

        File.WriteAllText(Path.Combine(_folder, "gateway.json"), "{ \"Security\": { \"Users\": { \"ops\": \"x\" } } }");

        KeptFiles.Copy(_folder, to);

        Assert.AreEqual(File.ReadAllText(Path.Combine(_folder, "gateway.json")), File.ReadAllText(Path.Combine(to, "gateway.json")));
        Assert.AreEqual(File.ReadAllText(Path.Combine(_folder, UserFile.Name)), File.ReadAllText(Path.Combine(to, UserFile.Name)));
        if (!OperatingSystem.IsWindows())
            Assert.AreEqual(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(to, UserFile.Name)));
        Assert.ThrowsExactly<DirectoryNotFoundException>(() => KeptFiles.Copy(Path.Combine(_folder, "nowhere"), to));
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

    private static async Task<Admission> AdmitAsync(Authenticator authenticator, ConnectPacket connect, EndPoint remote)
    {
        Admission admission = authenticator.Admit(connect, remote);
        return admission.Later is { } later ? await later : admission;
    }

    private static IPEndPoint Here => IPEndPoint.Parse("127.0.0.1:5000");

    private static IPEndPoint There => IPEndPoint.Parse("192.0.2.1:5000");

    private static ConnectPacket Connect(string userName, ReadOnlySpan<byte> password) => new() { ClientId = userName, UserName = userName, Password = password.ToArray() };
}
