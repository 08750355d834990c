using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Tests.Security;

[TestClass]
internal sealed class RememberedLoginsTests
{
    [TestMethod]
    public void Login_Remembered_ForThatPasswordWhileTheUserStaysAsItIs()
    {
        RememberedLogins remembered = new(countMax: 10);
        remembered.Add("board", "stored", "right"u8);
        remembered.Add("gone", "stored", "right"u8);
        Assert.IsTrue(remembered.Contains("board", "stored", "right"u8));
        Assert.IsFalse(remembered.Contains("board", "stored", "wrong"u8));
        Assert.IsFalse(remembered.Contains("board", "stored anew", "right"u8));
        Assert.IsFalse(remembered.Contains("other", "stored", "right"u8));

        remembered.KeepOnly(static name => name == "board" ? "stored" : null);

        Assert.AreEqual(1, remembered.Count);
        Assert.IsTrue(remembered.Contains("board", "stored", "right"u8));
        remembered.KeepOnly(static _ => "stored anew");
        Assert.AreEqual(0, remembered.Count);
    }
}
