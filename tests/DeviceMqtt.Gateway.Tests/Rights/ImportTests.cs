using System.Net;
using DeviceMqtt.Broker.Ports;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Gateway.Tests.Rights;

/// <summary>Users and rights of mosquitto, in files that mosquitto_passwd 2.0 wrote.</summary>
[TestClass]
internal sealed class ImportTests : IDisposable
{
    private const string Alice = "alice:$7$101$Mee9fUxEBRMMAoo9$OJOrI5rt+4JyB6qEzk4IL4kVsQB+6nExMcJX5eu49xRvuarNUTEkFYGsxLYPBtKNthwmpHQDtvyFuZ5Bk8lMsw==";
    private const string Bob = "bob:$6$Uk4GmPhTio9d32eE$9praew5koTwrpJgKsQONyFLJ0pj4+VyjJYJLck+aQlrYJR5kBADN/QffrlCAzUu95UuUz9UyuOa8lKgvlQe7NA==";
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-import").FullName;
    private readonly Logins _logins = new(new GatewayLimits { LoginDelayMsMax = 0 }, TimeProvider.System, PasswordHash.Fits);

    public void Dispose()
    {
        _logins.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [TestMethod]
    [DataRow("alice", "wonderland1", "wonderland2")]
    [DataRow("bob", "builder1", "builder")]
    public async Task Passwords_Imported_FitAndAreRehashedAtTheFirstLogin(string name, string right, string wrong)
    {
        List<ImportNote> notes = [];
        Assert.AreEqual(2, new UserFile(_folder).Import(PasswordFileImport.Read([Alice, "", "# a comment", Bob], "operator", notes)));
        Assert.IsEmpty(notes);
        UserDirectory directory = new(new SecurityOptions(), new UserFile(_folder));
        Authenticator authenticator = new(directory, _logins);

        Assert.IsNotNull((await AdmitAsync(authenticator, name, wrong)).Refusal);
        Assert.IsTrue(PasswordHash.IsForeign(directory.Now().Find(name)!.Password!), "a wrong password changes nothing");
        Admission admission = await AdmitAsync(authenticator, name, right);

        Assert.IsNull(admission.Refusal);
        await Patience.Until(() => !PasswordHash.IsForeign(directory.Now().Find(name)!.Password!), "one of our hashes");
        await Patience.Until(() => !authenticator.IsRehashing, "the end of the rehash");
        Assert.IsTrue(admission.Rights!.IsCurrent, "the same password under another hash ends no connection");
        Assert.IsNull((await AdmitAsync(authenticator, name, right)).Refusal);
        Assert.IsNotNull((await AdmitAsync(authenticator, name, wrong)).Refusal);
    }

    [TestMethod]
    public void Passwords_ThatCannotBeTakenOver_AreNamedWithTheirLine()
    {
        List<ImportNote> notes = [];
        Dictionary<string, UserEntry> users = PasswordFileImport.Read(["plain:secret", "nothing", Alice, Alice, "x:$7$0$AAAA$AAAA", ":$6$a$b"], "device", notes);
        CollectionAssert.AreEqual(new[] { "alice" }, users.Keys);
        CollectionAssert.AreEqual(new[] { 1, 2, 4, 5, 6 }, notes.Select(static n => n.Line).Order().ToArray());
        Assert.IsFalse(notes.Any(static n => n.Why.Contains("secret", StringComparison.Ordinal)));
    }

    // After a start all of an imported house come at once: each wrote the file by itself, on a thread that everybody else needs, and waited for the others with it.
    [TestMethod]
    public async Task Passwords_OfManyAtOnce_RehashedBesideTheirLogins()
    {
        const int many = 20;
        Dictionary<string, UserEntry> imported = PasswordFileImport.Read([Alice], "operator", []);
        _ = new UserFile(_folder).Import(Enumerable.Range(0, many).ToDictionary(static i => $"alice{i}", _ => imported["alice"], StringComparer.Ordinal));
        UserDirectory directory = new(new SecurityOptions(), new UserFile(_folder));
        RecordingLog log = new();
        Authenticator authenticator = new(directory, _logins, log);
        using (PrivateFile.Lock(Path.Combine(_folder, UserFile.Name)))
        {
            // Another program has the file: nobody waits with the login until it is said that it cannot be written.
            Admission[] admitted = await Patience.Within(Task.WhenAll(Enumerable.Range(0, many).Select(i => AdmitAsync(authenticator, $"alice{i}", "wonderland1"))), "all logins");
            Assert.IsTrue(admitted.All(static a => a.Refusal is null));
            Assert.IsLessThan(2, log.Lines.Count);
        }

        await Patience.Until(() => !authenticator.IsRehashing, "the end of the rehash"); // it works in the folder that is deleted next
    }

    // It has a thread of its own, where an exception that nobody catches ends the gateway.
    [TestMethod]
    public async Task Rehash_FailsAsNobodyExpected_SaidInOneLineAndTriedAtTheNextLogin()
    {
        RecordingLog log = new();
        Rehashing rehashing = new(new UserDirectory(new SecurityOptions(), new UserFile("no\0folder")), log); // ArgumentException
        for (int login = 1; login <= 2; login++)
        {
            rehashing.Add("alice", "$7$", "wonderland1"u8.ToArray());
            await Patience.Until(() => !rehashing.IsRunning, "the end of the rehash");
            Assert.HasCount(login, log.Lines);
            Assert.Contains("'alice' among them, stay as they were imported: ArgumentException: ", log.Lines.Last(), StringComparison.Ordinal);
        }
    }

    // In mosquitto who is not in the ACL file may do what the patterns say; here it was a device under any Client Identifier.
    [TestMethod]
    public void Acl_OfUsersThatItDoesNotName_PatternsAndNothingElse()
    {
        Dictionary<string, RoleRights> roles = AclFileImport.Read(["user roger", "topic foo/#", "pattern read x/%u"], [], ["roger", "ann"]);
        CollectionAssert.AreEqual(new[] { "foo/#", "x/%u" }, roles["roger"].Subscribe);
        CollectionAssert.AreEqual(new[] { "x/%u" }, roles["ann"].Subscribe);
        Assert.IsEmpty(roles["ann"].Publish);
    }

    [TestMethod]
    [DataRow("user a\ntopic #", true)]
    [DataRow("user a\ntopic #\ntopic deny x/y", false)]
    [DataRow("user a\ntopic deny #\ntopic #", false)]
    [DataRow("user a\ntopic #\npattern deny x/%u", false)]
    [DataRow("user b\ntopic deny #\nuser a\ntopic #", true)]
    [DataRow("user a\ntopic #\ntopic x/z\ntopic deny $SYS/#", true)]
    public void Acl_Denied_NothingThatAllowsItIsTakenOver(string acl, bool has)
    {
        List<ImportNote> notes = [];
        RoleRights a = AclFileImport.Read(acl.Split('\n'), notes)["a"];
        Assert.AreEqual((has, has, has), (a.Publish.Contains("#"), a.Subscribe.Contains("#"), a.Commands), string.Join('\n', notes));
        Assert.HasCount(acl.Contains("deny", StringComparison.Ordinal) ? 1 : 0, notes);
    }

    /// <summary>Names of roles do not differ in case alone, names of users may.</summary>
    [TestMethod]
    public void Acl_OfUsersThatDifferInCaseAlone_EachHasARoleOfItsOwn()
    {
        UserCommand.TakeOver(_folder, AclFileImport.Read(["user ann", "topic read a", "user Ann", "topic read b"], []));
        IReadOnlyDictionary<string, RoleRights> roles = new RoleFile(_folder).Roles;
        CollectionAssert.AreEqual(new[] { "a" }, roles["acl-ann"].Subscribe);
        CollectionAssert.AreEqual(new[] { "b" }, roles["acl-Ann-2"].Subscribe);
    }

    [TestMethod]
    public void Acl_Imported_TopicsAndPatternsOfEachUser()
    {
        List<ImportNote> notes = [];
        Dictionary<string, RoleRights> roles = AclFileImport.Read(
            ["topic read $SYS/#", "user roger", "topic foo/bar", "topic read  news/100%", "user ann", "topic write cmd/#", "topic deny secret", "topic readwrite #", "pattern read $SYS/broker/connection/%c/state", "pattern dm/%u/#", "wrong line", "topic a/#/b"], notes);

        CollectionAssert.AreEqual(new[] { 1, 7, 11, 12 }, notes.Select(static n => n.Line).Order().ToArray(), string.Join('\n', notes));
        CollectionAssert.AreEqual(new[] { "foo/bar", "dm/%u/#" }, roles["roger"].Publish);
        CollectionAssert.AreEqual(new[] { "foo/bar", "news/100%%", "$SYS/broker/connection/%c/state", "dm/%u/#" }, roles["roger"].Subscribe);
        Assert.IsFalse(roles["roger"].Commands);
        CollectionAssert.AreEqual(new[] { "cmd/#", "dm/%u/#" }, roles["ann"].Publish, "a rule that allows what is denied was taken over");
        Assert.IsFalse(roles["ann"].Commands);
        new RoleFile(_folder).Set(roles);
        Assert.HasCount(2, new RoleFile(_folder).Roles);
        CollectionAssert.AreEqual(roles["ann"].Subscribe, new RoleFile(_folder).Roles["ann"].Subscribe);
    }

    private static async Task<Admission> AdmitAsync(Authenticator authenticator, string name, string password)
    {
        Admission admission = authenticator.Admit(new ConnectPacket { ClientId = "any", UserName = name, Password = System.Text.Encoding.UTF8.GetBytes(password) }, IPEndPoint.Parse("192.0.2.1:5000"));
        return admission.Later is { } later ? await later : admission;
    }
}
