using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;
using DeviceMqtt.Gateway.Settings;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>What the bounds promise together fits the journal.</summary>
[TestClass]
public sealed class JournalSharesTests
{
    private const int Mebibyte = 1024 * 1024;

    private static long Promised(GatewayLimits limits, int upstreams) => limits.QueueBytesTotalMax + limits.RetainedBytesMax + (((long)limits.RelayBytesMax + limits.RelayAsideBytesMax) * upstreams);

    [TestMethod]
    [DataRow(0)]
    [DataRow(1)]
    [DataRow(2)]
    public void Fit_Defaults_FitAsTheyAre(int upstreams) => Assert.IsNull(JournalShares.Fit(new GatewayLimits(), upstreams));

    [TestMethod]
    [DataRow(512, 5)]
    [DataRow(64, 0)]
    [DataRow(64, 1)]
    [DataRow(32, 3)]
    public void Fit_DefaultsInASmallerJournal_Lowered(int mebibytes, int upstreams)
    {
        GatewayLimits limits = new() { JournalBytesMax = (long)mebibytes * Mebibyte };

        StringAssert.Contains(JournalShares.Fit(limits, upstreams), $"Limits:QueueBytesTotalMax is {limits.QueueBytesTotalMax} instead of {64 * Mebibyte}", StringComparison.Ordinal);
        Assert.IsLessThanOrEqualTo(limits.JournalBytesMax / 4 * 3, Promised(limits, upstreams));
        // What LiveShareTests have shown to be attained in a small one.
        Assert.IsLessThanOrEqualTo(JournalOptions.LiveBytesWithin(limits.JournalBytesMax, new JournalOptions().SegmentBytes), Promised(limits, upstreams));
        Assert.IsGreaterThan(limits.JournalBytesMax / 100 * 45, Promised(limits, upstreams));
        Assert.IsLessThanOrEqualTo(limits.QueueBytesTotalMax, (long)limits.QueueBytesMax);
        Assert.IsNull(limits.Check());
        Assert.IsNull(JournalShares.Fit(limits, upstreams), "the next start of the same process");
    }

    [TestMethod]
    public void Fit_OneChosen_TheOthersAreLowered()
    {
        GatewayLimits limits = new() { JournalBytesMax = 64 * Mebibyte, RelayBytesMax = 40 * Mebibyte };

        Assert.IsNotNull(JournalShares.Fit(limits, upstreams: 1));
        Assert.AreEqual(40 * Mebibyte, limits.RelayBytesMax);
        Assert.IsLessThanOrEqualTo(48L * Mebibyte, Promised(limits, 1));
    }

    [TestMethod]
    public void Fit_ChosenOnesThatDoNotFit_ThePairIsNamedAndWhatFits()
    {
        GatewayLimits limits = new() { RelayBytesMax = 300 * Mebibyte };
        SettingException wrong = Assert.ThrowsExactly<SettingException>(() => JournalShares.Fit(limits, upstreams: 2));
        StringAssert.StartsWith(wrong.Message, $"Limits:RelayBytesMax of {300 * Mebibyte} for each of 2 upstreams does not fit Limits:JournalBytesMax of {512 * Mebibyte}", StringComparison.Ordinal);

        limits.JournalBytesMax = long.Parse(wrong.Message[(wrong.Message.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        _ = JournalShares.Fit(limits, upstreams: 2);
        Assert.AreEqual(300 * Mebibyte, limits.RelayBytesMax);
    }

    [TestMethod]
    public void JournalPromisedPercentMax_Larger_MoreMayBePromised()
    {
        GatewayLimits limits = new() { JournalBytesMax = 64 * Mebibyte, RelayBytesMax = 300 * Mebibyte, JournalPromisedPercentMax = 10_000 };
        Assert.IsNull(JournalShares.Fit(limits, upstreams: 1));
    }

    [TestMethod]
    public void Create_BoundsThatDoNotFitTheJournal_IsAWrongSettingWhereDataIsKept()
    {
        GatewayOptions options = new() { Data = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), Limits = new GatewayLimits { QueueBytesTotalMax = 600L * Mebibyte } };
        SettingException wrong = Assert.ThrowsExactly<SettingException>(() => GatewayHost.Create(options));
        StringAssert.Contains(wrong.Message, "Limits:QueueBytesTotalMax", StringComparison.Ordinal);
        Assert.IsFalse(Directory.Exists(options.Data));
    }
}
