using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Tests.Pages;

[TestClass]
internal sealed class OneTimeCodeTests
{
    private const ulong Owner = 1;
    private const ulong Stranger = 2;
    private readonly string _data = Directory.CreateTempSubdirectory("dm-code").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_data, recursive: true);

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

    // A board without a clock of its own learns what time it is after its start: by then the code in the log was over, or good for a year.
    [TestMethod]
    [DataRow(20_000), DataRow(-400)]
    public void TryUse_TheClockWasSet_ACodeOfTheLogIsGoodForItsTime(int days)
    {
        FakeTime time = new();
        OneTimeCode code = new(dataFolder: null, time);
        string said = code.Renew()!;
        time.WallOffset = TimeSpan.FromDays(days);
        Assert.IsNull(code.Renew(), "it is still good");
        Assert.IsTrue(code.TryUse(said, Owner));

        said = code.Renew()!;
        time.WallOffset = TimeSpan.FromDays(-days);
        time.Advance(OneTimeCode.GoodFor);
        Assert.IsFalse(code.TryUse(said, Owner), "its time is over");
        Assert.IsNotNull(code.Renew());
    }

    // The file has the time of the clock, which the command line and the gateway share; from when it was found on, running time counts.
    [TestMethod]
    [DataRow(0, true), DataRow(14, true), DataRow(15, false), DataRow(-600, true)]
    public void TryUse_ACodeThatWasLeft_IsGoodByTheTimeOfItsFile(int minutesAgo, bool isGood)
    {
        FakeTime time = new();
        OneTimeCode code = new(_data, time);
        string said = OneTimeCode.Leave(_data);
        File.SetLastWriteTimeUtc(Path.Combine(_data, OneTimeCode.FileName), (time.GetUtcNow() - TimeSpan.FromMinutes(minutesAgo)).UtcDateTime);
        Assert.IsFalse(code.TryUse("AAAA-AAAA", Stranger)); // the file is found
        time.WallOffset = TimeSpan.FromDays(400);

        Assert.AreEqual(isGood, code.TryUse(said, Owner));
    }

    [TestMethod]
    public void TryUse_ACodeOfAFileWithATimeToCome_EndsAllTheSame()
    {
        FakeTime time = new();
        OneTimeCode code = new(_data, time);
        string said = OneTimeCode.Leave(_data);
        File.SetLastWriteTimeUtc(Path.Combine(_data, OneTimeCode.FileName), (time.GetUtcNow() + TimeSpan.FromDays(400)).UtcDateTime);
        Assert.IsFalse(code.TryUse("AAAA-AAAA", Stranger));
        time.Advance(OneTimeCode.GoodFor);

        Assert.IsFalse(code.TryUse(said, Owner));
    }
}
