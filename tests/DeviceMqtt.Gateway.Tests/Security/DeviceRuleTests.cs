using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>What a command about devices may touch, and which user it is from then on.</summary>
[TestClass]
internal sealed class DeviceRuleTests
{
    [TestMethod]
    [DataRow("kitchen", false, true, null)]
    [DataRow("kitchen", false, false, "--replace")]
    [DataRow("new", false, false, null)]
    [DataRow("maria", false, true, "no device", DisplayName = "a person does not become a device")]
    [DataRow("key", false, true, "no device", DisplayName = "nor does an access key")]
    [DataRow("kitchen", true, true, "settings")]
    public void Device_Added_OnlyWhereNoPersonIs(string name, bool isOfSettings, bool mayReplace, string? wrong) =>
        IsWrong(wrong, DeviceAdmission.WhyNotAdd(Users().Users, name, isOfSettings, mayReplace));

    [TestMethod]
    [DataRow("kitchen", null), DataRow("maria", "no device"), DataRow("nobody", "no device")]
    public void Device_Removed_OnlyWhereItIsOne(string name, string? wrong)
    {
        UserFile users = Users();
        IsWrong(wrong, users.TryRemove(name, now => DeviceAdmission.WhyNoDevice(now, name, isOfSettings: false)));
        Assert.AreEqual(wrong is null ? 2 : 3, users.Users.Count);
    }

    [TestMethod]
    [DataRow("lamp*"), DataRow("lamp?"), DataRow(@"lamp\1")]
    public void Name_ThatWouldBeAPattern_Refused(string name)
    {
        Assert.IsNotNull(DeviceAdmission.CheckName(name, $"GID_home@@@{name}"));
        Assert.IsNotNull(DeviceAdmission.CheckName("lamp", $"GID_{name}@@@lamp"));
    }

    [TestMethod]
    public void User_ChangedOrReplaced_IsTheSameAndAddedAgainAnother()
    {
        UserFile users = Users();
        long made = users.Users["kitchen"].Id;
        Assert.AreNotEqual(0, made);
        users.Set("kitchen", "another hash");
        users.Set("kitchen", new UserEntry { Password = "replaced" });
        _ = users.Update("kitchen", static user => user with { Role = Roles.Monitor });
        Assert.AreEqual(made, users.Users["kitchen"].Id);
        Assert.IsNull(users.TryRemove("kitchen", static _ => null));
        users.Set("kitchen", new UserEntry { Password = "again" });
        Assert.AreNotEqual(made, users.Users["kitchen"].Id);
    }

    // Each looks before it changes. Without the lock both see two operators.
    [TestMethod]
    public void Operators_TakeEachOtherAwayAtOnce_OneIsLeft()
    {
        for (int round = 0; round < 50; round++)
        {
            UserFile users = new(dataFolder: null);
            foreach (string name in (string[])["ann", "bob"])
                users.Set(name, new UserEntry { Password = "hash", Role = Roles.Operator });
            Parallel.ForEach((string[])["ann", "bob"], name => users.TrySet(
                name, static user => user! with { Role = Roles.Monitor }, now => now.Count(static u => u.Value.Role == Roles.Operator) == 1 ? "the only operator" : null));
            Assert.AreEqual(1, users.Users.Count(static u => u.Value.Role == Roles.Operator));
        }
    }

    private static UserFile Users()
    {
        UserFile users = new(dataFolder: null);
        users.Set("kitchen", new UserEntry { Password = "hash" });
        users.Set("maria", new UserEntry { Password = "hash", Role = Roles.Operator });
        users.Set("key", new UserEntry { Secret = "secret" });
        return users;
    }

    private static void IsWrong(string? wrong, string? said)
    {
        if (wrong is null)
            Assert.IsNull(said);
        else
            Assert.Contains(wrong, said!, StringComparison.Ordinal);
    }
}
