using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Tests.Security;

/// <summary>Only what is certainly not there is taken for it: who may not look at a file of users must not find that there are none.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
internal sealed class AbsentFileTests
{
    [TestMethod]
    public void File_NotThere_ThereOrHidden_OnlyTheFirstIsAbsent()
    {
        string folder = Directory.CreateTempSubdirectory("devicemqtt-absent").FullName;
        try
        {
            string there = Path.Combine(folder, "there");
            File.WriteAllText(there, "");
            Assert.IsTrue(AbsentFile.Is(Path.Combine(folder, "none")));
            Assert.IsTrue(AbsentFile.Is(Path.Combine(folder, "no-folder", "none")));
            Assert.IsFalse(AbsentFile.Is(there));
            Assert.IsFalse(AbsentFile.Is(Path.Combine(there, "below-a-file")));
            Assert.IsFalse(AbsentFile.Is(Path.Combine(folder, new string('x', 300))));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
