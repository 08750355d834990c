using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security.Users;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>A name that lets nobody in, or with which a board can say nothing, is refused when it is given.</summary>
[TestClass]
internal sealed class DeviceCalledTests
{
    [TestMethod]
    [DataRow("p2p", "GID_home", "that level is for commands")]
    [DataRow("k", "a@@@b", "a group begins with GID_")]
    [DataRow("k", "GID_a@@@b", "a group begins with GID_")]
    [DataRow("b@@@k", "home", "a group begins with GID_")]
    [DataRow("Signature|x|y", "GID_home", "an access key signs")]
    [DataRow("a/b", "GID_home", "one topic level")]
    [DataRow("k", "GID_home", null)]
    [DataRow("a@@@b", "GID_home", null)]
    [DataRow("Signature|x", "GID_home", null)]
    public void Device_CalledSo_SaidWhyNot(string name, string group, string? why) => AssertSaid(why, DeviceAdmission.CheckName(name, $"{group}@@@{name}"));

    [TestMethod]
    [DataRow("Signature|x|y", "an access key signs")]
    [DataRow("maria", null)]
    public void User_CalledSo_SaidWhyNot(string name, string? why) => AssertSaid(why, UserName.Check(name));

    private static void AssertSaid(string? why, string? said)
    {
        if (why is null)
            Assert.IsNull(said);
        else
            StringAssert.Contains(said, why, StringComparison.Ordinal);
    }
}
