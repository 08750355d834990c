using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Limits;

/// <summary>When what a burst has left is given back: once, when nothing goes on any more, and never because nothing goes on.</summary>
[TestClass]
public sealed class HeapRestTests
{
    private const long Megabyte = 1024 * 1024;
    private const int Idle = 50 * 1024; // bytes made from one beat to the next
    private const int Day = 24 * 3600;

    private readonly FakeMemory _memory = new() { Live = 20 * Megabyte };
    private readonly HeapRest _rest;
    private long _kept;

    public HeapRestTests()
    {
        _rest = new HeapRest(() => _kept, _memory);
        _rest.Started();
    }

    [TestMethod]
    public void Idle_ForADay_NoCollection()
    {
        Beat(Day);
        Assert.AreEqual(0, _memory.Collections);
    }

    [TestMethod]
    public void ABurstIsOver_WhatItHasLeft_GoesBackOnce()
    {
        Take(400 * Megabyte);
        Beat(60);
        Assert.AreEqual(0, _memory.Collections, "it waits, and is no garbage");

        Deliver();
        Beat(HeapRest.RestBeats - 1);
        Assert.AreEqual(0, _memory.Collections, "another one may follow");
        Beat(30);
        Assert.IsLessThan(_memory.Live + HeapRest.SpareBytesMin, _memory.Committed);
        int collections = _memory.Collections;
        Assert.IsLessThanOrEqualTo(2 * HeapRest.RoundsMax, collections);

        Beat(Day);
        Assert.AreEqual(collections, _memory.Collections);
    }

    [TestMethod]
    public void WhileThereIsLoad_Nothing()
    {
        Take(400 * Megabyte);
        Deliver();
        Beat(600, made: 3 * Megabyte);
        Assert.AreEqual(0, _memory.Collections);
        for (int i = 0; i < 600; i++)
        {
            Beat(HeapRest.RestBeats - 1);
            Beat(1, made: 100 * Megabyte);
        }

        Assert.AreEqual(0, _memory.Collections);
    }

    [TestMethod]
    public void LoadComesBetweenTwoSteps_TheyWaitForItsEnd()
    {
        Take(800 * Megabyte);
        Deliver();
        Beat(HeapRest.RestBeats + 1);
        int begun = _memory.Collections;
        Assert.AreNotEqual(0, begun);
        Beat(600, made: 3 * Megabyte);
        Assert.AreEqual(begun, _memory.Collections);
        Beat(60);
        Assert.IsLessThan(_memory.Live + HeapRest.SpareBytesMin, _memory.Committed);
    }

    [TestMethod]
    [DataRow(20, 1), DataRow(40, 0)]
    public void WhatLivesIsScattered_MovedTogetherWhereItIsLittle(int liveMegabytes, int moves)
    {
        _memory.IsScattered = true;
        Take(400 * Megabyte);
        Deliver(liveMegabytes * Megabyte);
        Beat(Day);
        Assert.AreEqual(moves, _memory.Moves);
        Assert.IsLessThanOrEqualTo(2 * HeapRest.RoundsMax, _memory.Collections);
        Assert.AreEqual(moves == 1, _memory.Committed < _memory.Live + HeapRest.SpareBytesMin);
    }

    // The bound of a step is the runtime's: it may keep what it likes.
    [TestMethod]
    public void TheRuntimeGivesNothingBack_NotAskedForEver()
    {
        _memory.StepBytes = 0;
        Take(400 * Megabyte);
        Deliver();
        Beat(60);
        int asked = _memory.Collections;
        Assert.AreEqual(2 * HeapRest.RoundsMax, asked);
        Beat(Day);
        Assert.AreEqual(asked, _memory.Collections);
    }

    [TestMethod]
    public void BurstsComeEveryFewSeconds_NotMoreThanOneRoundOfAllAMinute()
    {
        for (int i = 0; i < 300; i++)
        {
            Take(100 * Megabyte);
            Deliver();
            Beat(10);
        }

        Assert.IsLessThanOrEqualTo(60 * 2 * HeapRest.RoundsMax, _memory.Collections);
    }

    // What the accounts say of what is kept is not what it takes: more, or less.
    [TestMethod]
    [DataRow(50), DataRow(300)]
    public void TheAccountsAreWrong_NoCollectionWithoutABurst(int percent)
    {
        for (int i = 0; i < 50; i++)
        {
            Take(400 * Megabyte, percent);
            Deliver();
            Beat(2 * HeapRest.AgainBeats);
            int collections = _memory.Collections;
            Beat(3600);
            Assert.AreEqual(collections, _memory.Collections);
        }

        Assert.IsLessThan(_memory.Live + HeapRest.SpareBytesMin + (30 * Megabyte), _memory.Committed);
    }

    // Seen with two million messages: it began when they waited, so that all of them were alive for it.
    [TestMethod]
    public void TheRuntimeCollectsWhileTheBurstIsDelivered_WhatItHasLeftGoesBack()
    {
        Take(400 * Megabyte);
        Beat(60);
        Deliver(isCollecting: true);
        Beat(60);
        Assert.IsLessThan(_memory.Live + HeapRest.SpareBytesMin, _memory.Committed);
    }

    [TestMethod]
    public void TheRuntimeHasCollectedByItself_WhatItKeepsGoesBack()
    {
        Take(400 * Megabyte);
        Deliver();
        _memory.CollectBeside();
        Beat(1);
        _memory.CollectYoung(); // as the load has it now and then
        Beat(30);
        Assert.IsLessThan(_memory.Live + HeapRest.SpareBytesMin, _memory.Committed);
    }

    [TestMethod]
    public void Started_MuchWasReadAndIsNotNeeded_AllOfItIsCollected()
    {
        FakeMemory memory = new() { Live = 20 * Megabyte, Garbage = 300 * Megabyte, Committed = 400 * Megabyte };
        new HeapRest(static () => 0, memory).Started();
        Assert.AreEqual(1, memory.All);
        Assert.AreEqual(20 * Megabyte, memory.Committed);
    }

    [TestMethod]
    public void Started_WithLittle_NoCollection()
    {
        FakeMemory memory = new() { Live = 20 * Megabyte };
        new HeapRest(static () => 0, memory).Started();
        Assert.AreEqual(0, memory.All + memory.Collections);
    }

    // The accounts say more than it takes, so that garbage hides behind them.
    [TestMethod]
    public void Started_MuchIsKept_WhatWasReadGoesBackLaterAndNobodyWaitsForIt()
    {
        FakeMemory memory = new() { Live = 300 * Megabyte, Garbage = 150 * Megabyte, Committed = 480 * Megabyte };
        HeapRest rest = new(static () => 500 * Megabyte, memory);
        rest.Started();
        Assert.AreEqual(0, memory.All);
        Beat(memory, rest, 30);

        Assert.IsLessThan(memory.Live + HeapRest.SpareBytesMin, memory.Committed);
    }

    // Seen with two million messages: what the start had begun was over with the last of them, and then came the pause.
    [TestMethod]
    public void TheBacklogIsDeliveredRightAfterTheStart_NoPauseBeforeItIsGivenBack()
    {
        FakeMemory memory = new() { Live = 300 * Megabyte, Committed = 320 * Megabyte };
        long kept = 400 * Megabyte;
        HeapRest rest = new(() => kept, memory);
        rest.Started();
        (kept, memory.Live, memory.Garbage, memory.BytesMade) = (0, 20 * Megabyte, 280 * Megabyte, 500 * Megabyte);
        Beat(memory, rest, (2 * HeapRest.RestBeats) + 10);

        Assert.IsLessThan(memory.Live + HeapRest.SpareBytesMin, memory.Committed);
    }

    [TestMethod]
    public void ThreadForCollectionsBeside_IsKept()
    {
        var memory = new FakeMemory { Live = 20 * Megabyte, IsThreadLetGo = true };
        var rest = new HeapRest(() => 0, memory);
        for (int i = 0; i < Day; i++)
        {
            Beat(memory, rest, times: 1, made: 3 * Megabyte);
            Assert.IsLessThanOrEqualTo(CollectorThread.Beats + 1, memory.BeatsSinceBeside);
        }

        Assert.IsLessThanOrEqualTo(Day / CollectorThread.Beats, memory.Collections, "and not oftener");
    }

    [TestMethod]
    public void ThreadForCollectionsBeside_WhereTheRuntimeCollectsItself_NothingIsAdded()
    {
        var memory = new FakeMemory { Live = 20 * Megabyte, IsThreadLetGo = true };
        var rest = new HeapRest(() => 0, memory);
        Beat(memory, rest, times: 2, made: 3 * Megabyte);
        int begun = memory.Collections;
        for (int i = 0; i < 100; i++)
        {
            memory.CollectedByItself();
            Beat(memory, rest, times: 10, made: 3 * Megabyte);
        }

        Assert.AreEqual(begun, memory.Collections);
    }

    [TestMethod]
    public void ThreadForCollectionsBeside_OfASmallHeap_MayGo()
    {
        var memory = new FakeMemory { Live = CollectorThread.FeltBytesMin - 1, IsThreadLetGo = true };
        Beat(memory, new HeapRest(() => 0, memory), Day);
        Assert.AreEqual(0, memory.Collections);
    }

    private void Take(long bytes, int percent = 100)
    {
        _kept += bytes * percent / 100;
        _memory.Live += bytes;
        _memory.Committed = Math.Max(_memory.Committed, _memory.Live + _memory.Garbage);
        Beat(1, made: bytes);
    }

    private void Deliver(long live = 20 * Megabyte, bool isCollecting = false)
    {
        long bytes = _memory.Live - live;
        _kept = 0;
        _memory.Live -= bytes;
        _memory.Garbage += bytes;
        _memory.Expected = bytes + (50 * Megabyte);
        if (isCollecting)
            _memory.CollectedByItself();
        Beat(1, made: bytes);
    }

    private void Beat(int times, long made = Idle) => Beat(_memory, _rest, times, made);

    private static void Beat(FakeMemory memory, HeapRest rest, int times, long made = 0)
    {
        for (int i = 0; i < times; i++)
        {
            memory.BytesMade += made;
            memory.Beat();
            rest.Look();
        }
    }

    private sealed class FakeMemory : IRuntimeMemory
    {
        private long _index;
        private long _free;
        private long _holes;
        private bool _isCollecting;

        /// <summary>Something that lives is everywhere among what does not: a collection frees holes, and nothing else.</summary>
        public bool IsScattered { get; set; }

        public int Moves { get; private set; }

        /// <summary>What it keeps for what the oldest generation may grow by, less with each collection.</summary>
        public long Expected { get; set; }

        public long Live { get; set; }

        public long Garbage { get; set; }

        public long Committed { get; set; } = 40 * Megabyte;

        /// <summary>What a collection of the youngest gives back at most.</summary>
        public long StepBytes { get; set; } = 200 * Megabyte;

        public int Collections { get; private set; }

        public int All { get; private set; }

        public long BytesMade { get; set; }

        public bool IsThreadLetGo { get; init; }

        public long BesideIndex { get; private set; }

        /// <summary>The thread for it goes when that is too many.</summary>
        public int BeatsSinceBeside { get; private set; }

        public HeapSize Size => new(_index, Live + Garbage, _holes, Committed);

        public void CollectBeside()
        {
            Collections++;
            _isCollecting = true;
        }

        /// <summary>It has begun when all of that lived.</summary>
        public void CollectedByItself()
        {
            BesideIndex = ++_index;
            BeatsSinceBeside = 0;
        }

        public void CollectYoung()
        {
            Collections++;
            long given = Math.Min(_free, StepBytes);
            _free -= given;
            Committed -= given;
        }

        public void CollectAll()
        {
            All++;
            _index++;
            Garbage = 0;
            Committed = Live;
        }

        // It takes a moment.
        public void Beat()
        {
            BeatsSinceBeside++;
            if (!_isCollecting)
                return;
            _isCollecting = false;
            CollectedByItself();
            if (IsScattered)
                _holes += Garbage;
            Garbage = 0;
            Free();
        }

        public void Move()
        {
            Moves++;
            _index++;
            (Garbage, _holes) = (0, 0);
            Free();
        }

        private void Free()
        {
            Expected = Math.Max(20 * Megabyte, Expected - (200 * Megabyte));
            _free = Math.Max(0, Committed - Live - _holes - Expected);
        }
    }
}
