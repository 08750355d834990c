using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>What a process may have open bounds its connections, and never its disk.</summary>
[TestClass]
public sealed class OpenFilesTests
{
    [TestMethod]
    public void Fit_EnoughFiles_ChangesNothing()
    {
        GatewayLimits limits = new();

        Assert.IsNull(OpenFiles.Fit(limits, keepsData: true, hasTls: true, open: 20_000));
        Assert.AreEqual(new GatewayLimits().ConnectionsMax, limits.ConnectionsMax);
        Assert.AreEqual(new GatewayLimits().HttpConnectionsMax, limits.HttpConnectionsMax);
    }

    [TestMethod]
    [DataRow(1024)]
    [DataRow(400)]
    [DataRow(320)]
    public void Fit_FewFiles_LeavesThoseOfTheJournalAndTheRuntime(int open)
    {
        GatewayLimits limits = new();
        int journal = (int)(limits.JournalBytesMax / (4 * 1024 * 1024));

        StringAssert.Contains(OpenFiles.Fit(limits, keepsData: true, hasTls: true, open), $"Limits:ConnectionsMax is {limits.ConnectionsMax} instead of 10000", StringComparison.Ordinal);
        Assert.IsLessThanOrEqualTo(open - journal - 105, limits.ConnectionsMax + limits.HttpConnectionsMax + limits.HandshakesMax, "each is a file: those in the middle of a handshake, too");
        Assert.IsGreaterThan(8, limits.HttpConnectionsMax);
        Assert.IsGreaterThan(16, limits.ConnectionsMax);
    }

    [TestMethod]
    public void Fit_WithoutTls_KeepsNoFilesForHandshakes()
    {
        GatewayLimits without = new();
        GatewayLimits with = new();
        _ = OpenFiles.Fit(without, keepsData: true, hasTls: false, open: 1024);
        _ = OpenFiles.Fit(with, keepsData: true, hasTls: true, open: 1024);

        Assert.AreEqual(new GatewayLimits().HandshakesMax, without.HandshakesMax);
        Assert.AreEqual(without.ConnectionsMax, with.ConnectionsMax + with.HandshakesMax);
    }

    [TestMethod]
    public void Fit_HardlyAnyFiles_IsAWrongSetting()
    {
        SettingException wrong = Assert.ThrowsExactly<SettingException>(static () => OpenFiles.Fit(new GatewayLimits(), keepsData: true, hasTls: true, open: 200));
        StringAssert.Contains(wrong.Message, "may have 200 files open", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Limit_IsWhatTheKernelSays()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("asked of Linux only");
        string line = File.ReadLines("/proc/self/limits").Single(static l => l.StartsWith("Max open files", StringComparison.Ordinal));
        Assert.AreEqual(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[3], $"{OpenFiles.Limit()}");
    }
}
