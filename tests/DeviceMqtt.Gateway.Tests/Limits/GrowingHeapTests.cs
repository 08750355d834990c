using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>When the young are collected before their time: while what lives on is made, and never because messages pass through.</summary>
[TestClass]
public sealed class GrowingHeapTests
{
    private const int Turns = 1_000;
    private const int MadePerTurn = 64 * 1024;
    private const int StepsMade = (int)(Turns * (long)MadePerTurn / GrowingHeap.StepBytes);

    private readonly FakeMemory _memory = new();
    private long _kept;
    private int _connections;

    [TestMethod]
    public void WhatIsMadeStays_ACollectionForEachStep()
    {
        Run(() => _kept += 2 * MadePerTurn);
        Assert.IsTrue(_memory.Early is > StepsMade / 2 and <= StepsMade, $"{_memory.Early} collections for {StepsMade} steps");
    }

    [TestMethod]
    public void ConnectionsEnd_ACollectionForEachStep()
    {
        _kept = 1L << 30;
        _connections = Turns * 60;
        Run(() =>
        {
            _kept -= 60 * 10_000;
            _connections -= 60;
        });
        Assert.IsTrue(_memory.Early is > StepsMade / 2 and <= StepsMade, $"{_memory.Early} collections for {StepsMade} steps");
    }

    [TestMethod]
    public void MessagesPassThrough_None()
    {
        Run(static () => { });
        Assert.AreEqual(0, _memory.Early);
    }

    [TestMethod]
    public void OfWhatIsMadeAThirdStays_None()
    {
        Run(() => _kept += MadePerTurn / 3);
        Assert.AreEqual(0, _memory.Early);
    }

    [TestMethod]
    public void ClientsComeAndGo_None()
    {
        int turn = 0;
        Run(() =>
        {
            int change = turn++ % 2 == 0 ? 60 : -60;
            _connections += change;
            _kept += change * 10_000;
        });
        Assert.AreEqual(0, _memory.Early);
    }

    [TestMethod]
    public void TheRuntimeCollectsAnyway_NoneBesides()
    {
        Run(() =>
        {
            _kept += 2 * MadePerTurn;
            _memory.Collections++;
        });
        Assert.AreEqual(0, _memory.Early);
    }

    private void Run(Action turn)
    {
        GrowingHeap heap = new(() => _kept, () => _connections, _memory);
        heap.Look();
        for (int i = 0; i < Turns; i++)
        {
            turn();
            _memory.BytesMade += MadePerTurn;
            heap.Look();
        }
    }

    private sealed class FakeMemory : GrowingHeap.IMemory
    {
        public int Early { get; private set; }

        public int Collections { get; set; }

        public long BytesMade { get; set; }

        public void Collect()
        {
            Early++;
            Collections++;
        }
    }
}
