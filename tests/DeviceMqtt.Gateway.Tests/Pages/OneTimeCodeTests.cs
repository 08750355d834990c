using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Tests.Pages;

[TestClass]
internal sealed class OneTimeCodeTests
{
    private const ulong Owner = 1;
    private const ulong Stranger = 2;

    // Five tries of anybody had ended it.
    [TestMethod]
    public void TryUse_AStrangerGuesses_TheCodeIsGoodForTheOwner()
    {
        OneTimeCode code = new(dataFolder: null, new FakeTime());
        string said = code.Renew()!;
        for (int i = 0; i < 1_000; i++)
            Assert.IsFalse(code.TryUse("AAAA-AAAA", Stranger));
        Assert.IsTrue(code.TryUse(said, Owner));
        Assert.IsFalse(code.TryUse(said, Owner), "it is good for once");
    }

    [TestMethod]
    public void TryUse_FiveWrongTries_ThatAddressHasNoMoreUntilThereIsAnotherCode()
    {
        FakeTime time = new();
        OneTimeCode code = new(dataFolder: null, time);
        string said = code.Renew()!;
        for (int i = 0; i < OneTimeCode.TriesMax; i++)
            Assert.IsFalse(code.TryUse("AAAA-AAAA", Owner));
        Assert.IsFalse(code.TryUse(said, Owner));
        time.Advance(OneTimeCode.GoodFor);
        Assert.IsTrue(code.TryUse(code.Renew()!, Owner));
    }

    [TestMethod]
    public void TryUse_FromVeryManyAddresses_TheCodeEndsBeforeOneIsRightByChance()
    {
        OneTimeCode code = new(dataFolder: null, new FakeTime());
        string said = code.Renew()!;
        for (ulong address = 1; address <= 20_000; address++)
            for (int i = 0; i < OneTimeCode.TriesMax; i++)
                Assert.IsFalse(code.TryUse("AAAA-AAAA", address));
        Assert.IsFalse(code.TryUse(said, Owner));
        Assert.IsTrue(code.TryUse(code.Renew()!, Owner), "and there is another in the log");
    }
}
