using System.Globalization;
using System.Runtime.InteropServices;
using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>Memory that is not .NET's goes back when it is free.</summary>
[TestClass]
public sealed class NativeHeapTests
{
    private const int BlockBytes = 64 * 1024; // what is larger than 128 KB is mapped by itself, and gone when it is freed (mallopt(3))
    private const int Blocks = 1024;

    [TestMethod]
    public void GiveBack_FreedBelowWhatIsHeld_GoesToTheKernel()
    {
        if (!OperatingSystem.IsLinux() || !File.Exists("/proc/self/status") || Directory.EnumerateFiles("/lib", "ld-musl-*").Any())
            Assert.Inconclusive("needs Linux with glibc");
        byte[] touched = new byte[BlockBytes];
        List<nint> blocks = [];
        for (int i = 0; i < Blocks; i++)
        {
            blocks.Add(Marshal.AllocHGlobal(BlockBytes)); // malloc
            Marshal.Copy(touched, 0, blocks[i], BlockBytes);
        }

        // The last one stays: the C library gives back by itself only what is at the end.
        blocks[..^1].ForEach(Marshal.FreeHGlobal);
        long before = AnonymousKb();

        NativeHeap.GiveBack();

        Assert.IsLessThan(before - (Blocks * BlockBytes / 1024 / 2), AnonymousKb());
        Marshal.FreeHGlobal(blocks[^1]);
    }

    private static long AnonymousKb() =>
        long.Parse(File.ReadLines("/proc/self/status").First(static line => line.StartsWith("RssAnon:", StringComparison.Ordinal))["RssAnon:".Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
}
