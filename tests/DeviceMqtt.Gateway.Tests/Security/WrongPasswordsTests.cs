using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Tests.Security;

[TestClass]
internal sealed class WrongPasswordsTests
{
    [TestMethod]
    public void Delay_DoublesAfterTheFreeTriesAndIsForgotten()
    {
        WrongPasswords wrong = new(countMax: 10, delayMsMax: 4000);
        List<int> delays = [];
        for (int i = 0; i < 9; i++)
        {
            delays.Add(wrong.DelayMs(1, nowMs: 1000));
            wrong.Add(1, nowMs: 1000);
        }

        CollectionAssert.AreEqual(new[] { 0, 0, 0, 250, 500, 1000, 2000, 4000, 4000 }, delays);
        Assert.AreEqual(0, wrong.DelayMs(2, 1000));
        Assert.AreEqual(4000, wrong.DelayMs(1, 1000 + (5 * 60_000) - 1));
        Assert.AreEqual(0, wrong.DelayMs(1, 1000 + (5 * 60_000)));
    }

    [TestMethod]
    public void LoginFailuresMax_Exceeded_StartsAnew()
    {
        WrongPasswords wrong = new(countMax: 3, delayMsMax: 4000);
        for (ulong owner = 0; owner < 100; owner++)
        {
            wrong.Add(owner, 0);
            Assert.IsLessThanOrEqualTo(3, wrong.Count);
        }
    }
}
