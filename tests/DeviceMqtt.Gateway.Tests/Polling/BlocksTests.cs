using DeviceMqtt.Gateway.Polling;

namespace DeviceMqtt.Gateway.Tests.Polling;

/// <summary>Memory that is taken again and again.</summary>
[TestClass]
[DoNotParallelize] // all of the process have the same
public sealed class BlocksTests
{
    [TestMethod]
    [DataRow(1, 512)]
    [DataRow(512, 512)]
    [DataRow(513, 1024)]
    [DataRow(32 * 1024, 32 * 1024)]
    [DataRow((32 * 1024) + 1, 64 * 1024)]
    public void Take_AnySize_IsLargeEnoughAndNotTwiceAsLarge(int bytes, int expected)
    {
        byte[] block = Blocks.Take(bytes);

        Assert.HasCount(expected, block);
        Blocks.Give(block);
    }

    [TestMethod]
    public void Trim_WhatNobodyAskedFor_IsLeftToTheCollector()
    {
        List<WeakReference> given = GiveSome();
        Blocks.Trim(); // from here on nobody asks
        Blocks.Trim();

        GC.Collect();
        Assert.IsFalse(given.Any(static block => block.IsAlive));
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static List<WeakReference> GiveSome()
    {
        List<byte[]> blocks = [.. Enumerable.Range(0, 20).Select(static _ => Blocks.Take(Blocks.BytesMax))];
        foreach (byte[] block in blocks)
            Blocks.Give(block);
        return [.. blocks.Select(static block => new WeakReference(block))];
    }
}
