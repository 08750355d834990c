using DeviceMqtt.Gateway.Provisioning;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>The name of a device is the name of a folder.</summary>
[TestClass]
internal sealed class DeviceNameTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // 'device remove ..' had deleted the data folder.
    [TestMethod]
    [DataRow("..")]
    [DataRow(".")]
    [DataRow("")]
    [DataRow("../x")]
    [DataRow("a/../..")]
    public void NameThatLeadsOutOfTheFolder_Refused(string name)
    {
        Assert.IsNotNull(DeviceAdmission.CheckName(name, $"GID_home@@@{name}"));
        _ = Assert.ThrowsExactly<IOException>(() => DeviceFolder.Of(_folder, name));
    }

    [TestMethod]
    public void Remove_SomethingElseIsInTheFolder_ThatStays()
    {
        DeviceFolder folder = DeviceFolder.Of(_folder, "kitchen");
        _ = Directory.CreateDirectory(folder.Path);
        foreach (string name in (string[])[DeviceFolder.Settings, DeviceFolder.Files, DeviceFolder.CaCertificate, "notes.txt"])
            File.WriteAllText(Path.Combine(folder.Path, name), "x");
        folder.Remove();
        CollectionAssert.AreEqual((string[])["notes.txt"], Directory.GetFiles(folder.Path).Select(Path.GetFileName).ToArray());
        File.Delete(Path.Combine(folder.Path, "notes.txt"));
        folder.Remove();
        Assert.IsFalse(Directory.Exists(folder.Path));
    }
}
