using System.IO.Pipelines;
using System.Net.Sockets;
using DeviceMqtt.Broker.Turns;
using DeviceMqtt.Gateway.Polling;

namespace DeviceMqtt.Gateway.Tests.Polling;

/// <summary>What one connection, or a part of the gateway, does wrong on the thread that polls all sockets. The kernel tells of each thing once: who is passed over then waits for ever.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class PollerTests
{
    private const int Many = 8;
    private const int Crowd = 600; // more than two looks find

    [TestMethod]
    public async Task EndOfATurn_FailsWhileSeveralHaveSomething_AllAreTold()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        pair.FailsOnPurpose = true;
        List<(Socket Client, PolledConnection Gateway)> some = await ConnectManyAsync(pair);
        List<Task> reads = [.. some.Select(one => ReadInATurnAsync(pair, one.Gateway))];
        using (HeldPoller.Hold(pair.Poller, () => pair.Turn.AtEnd = static () => throw new InvalidOperationException("a fault of the gateway")))
            SendOneEach(some);

        await Patience.Within(Task.WhenAll(reads), "a byte for each");
        pair.Turn.AtEnd = null;
        await Patience.Within(Task.Run(() => pair.Turn.Enter().Dispose()), "the turn of another thread");
        await EndAsync(some);
    }

    [TestMethod]
    public async Task LookAgain_FailsWhileSeveralHaveSomething_AllAreTold()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        pair.FailsOnPurpose = true;
        List<(Socket Client, PolledConnection Gateway)> some = await ConnectManyAsync(pair);
        List<Task> reads = [.. some.Select(one => ReadInATurnAsync(pair, one.Gateway))];
        using (HeldPoller.Hold(pair.Poller, () => pair.Poller.LookAgain.Add(static () => throw new InvalidOperationException("a fault of the gateway"))))
            SendOneEach(some);

        await Patience.Within(Task.WhenAll(reads), "a byte for each");
        await EndAsync(some);
    }

    // What is read from the disk once for all of a look must be newer than what the look has found.
    [TestMethod]
    public async Task LookNumber_OfTwoThatArriveBehindEachOther_IsAnother()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        List<long> numbers = [];
        for (int i = 0; i < 3; i++)
        {
            Task read = NoteAsync();
            _ = pair.Client.Send("x"u8);
            await Patience.Within(read, "a byte");
        }

        TaskCompletionSource<long> inLine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Poller.Post(_ => inLine.SetResult(Poller.LookNumber), null);
        numbers.Add(await Patience.Within(inLine.Task, "the line"));
        Assert.HasCount(4, numbers.Distinct().ToList());
        Assert.DoesNotContain(0, numbers);
        Assert.AreEqual(0, Poller.LookNumber);

        async Task NoteAsync()
        {
            ReadResult read = await pair.Gateway.Input.ReadAsync();
            numbers.Add(Poller.LookNumber);
            pair.Gateway.Input.AdvanceTo(read.Buffer.End);
        }
    }

    [TestMethod]
    public async Task ManyEnd_WhoIsStillThere_GoesFirst()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync(new StillTime());
        List<(Socket Client, PolledConnection Gateway)> some = await ConnectManyAsync(pair, Crowd);
        int ended = 0;
        List<Task> ends = [.. some.Select(one => OnReadAsync(one.Gateway, () => ended++))];
        int endedBefore = -1;
        Task answered = OnReadAsync(pair.Gateway, () => endedBefore = ended);
        using (HeldPoller.Hold(pair.Poller, static () => { }))
        {
            foreach ((Socket client, _) in some)
                client.Dispose();
            _ = pair.Client.Send("x"u8);
        }

        await Patience.Within(answered, "the byte of who is still there");
        await Patience.Within(Task.WhenAll(ends), "the ends of the others");
        Assert.AreEqual(0, endedBefore);
        Assert.AreEqual(Crowd, ended);
        await EndAsync(some);
    }

    [TestMethod]
    public async Task ManyWereServed_WhoHasSteppedBack_DoesNotWaitForAllToBeClosed()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync(new StillTime());
        List<(Socket Client, PolledConnection Gateway)> some = await ConnectManyAsync(pair, Crowd);
        int closed = 0;
        int closedBefore = -1;
        foreach ((_, PolledConnection gateway) in some)
            gateway.Served = (_, _) => closed++;
        using (HeldPoller.Hold(pair.Poller, static () => { }))
        {
            foreach ((_, PolledConnection gateway) in some)
                pair.Poller.Post(_ => gateway.Ended(null), state: null);
            pair.Poller.Post(_ => closedBefore = closed, state: null);
        }

        await Patience.Until(() => Volatile.Read(ref closed) == Crowd, "the ends of all");
        Assert.IsTrue(closedBefore is >= 0 and < Crowd / 2, $"{closedBefore} were closed before it");
        await EndAsync(some);
    }

    [TestMethod]
    public async Task LongLine_WhoHasSomethingToRead_DoesNotWaitForAllOfIt()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync(new LeapingTime());
        int run = 0;
        int runBefore = -1;
        Task answered = OnReadAsync(pair.Gateway, () => runBefore = run);
        using (HeldPoller.Hold(pair.Poller, static () => { }))
        {
            pair.Poller.Post(_ => pair.Client.Send("x"u8), state: null);
            for (int i = 0; i < Crowd; i++)
                pair.Poller.Post(_ => run++, state: null);
        }

        await Patience.Within(answered, "the byte");
        await Patience.Until(() => Volatile.Read(ref run) == Crowd, "the line");
        Assert.IsTrue(runBefore < Crowd, $"{runBefore} of the line were before it");
    }

    // A message for hundreds of clients is as many sends: what has come meanwhile, for the same ones perhaps, goes along with it.
    [TestMethod]
    [DataRow(Many, 1, DisplayName = "for few: it has left")]
    [DataRow(Crowd, 0, DisplayName = "for many: it leaves with what has come since")]
    public async Task SomethingIsToLeave_MoreComes_GoesAlongWhereItIsForMany(int peers, int leftBefore)
    {
        await using PolledPair pair = await PolledPair.ConnectAsync(new StillTime());
        (Socket other, PolledConnection second) = await pair.ConnectMoreAsync();
        int left = 0;
        int leftAtFirst = -1;
        int leftAtSecond = -1;
        Task first = OnReadAsync(pair.Gateway, () =>
        {
            using (pair.Turn.Enter())
                for (int i = 0; i < peers; i++)
                    pair.Turn.Touch(new NothingToSend());
            leftAtFirst = left;
            _ = other.Send("x"u8);
        });
        Task more = OnReadAsync(second, () => leftAtSecond = left);
        using (HeldPoller.Hold(pair.Poller, () => pair.Turn.AtEnd = () => left++))
            _ = pair.Client.Send("x"u8);

        await Patience.Within(Task.WhenAll(first, more), "both bytes");
        Assert.AreEqual(leftBefore, leftAtSecond - leftAtFirst);
        await EndAsync([(other, second)]);
    }

    private sealed class NothingToSend : IFlushed
    {
        public SendShare? Share => null;

        public bool IsPatient => false;

        public bool IsLate { get; set; }

        public void Flush()
        {
        }

        public void FlushEarly()
        {
        }
    }

    private static async Task OnReadAsync(PolledConnection connection, Action then)
    {
        _ = await connection.Input.ReadAsync();
        then();
    }

    private sealed class StillTime : TimeProvider
    {
        public override long GetTimestamp() => 0;
    }

    /// <summary>Each look at it is a millisecond later.</summary>
    private sealed class LeapingTime : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 1000;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks);
    }

    private static async Task<List<(Socket Client, PolledConnection Gateway)>> ConnectManyAsync(PolledPair pair, int count = Many)
    {
        List<(Socket, PolledConnection)> some = [];
        for (int i = 0; i < count; i++)
            some.Add(await pair.ConnectMoreAsync());
        return some;
    }

    private static void SendOneEach(List<(Socket Client, PolledConnection Gateway)> some)
    {
        foreach ((Socket client, _) in some)
            _ = client.Send("x"u8);
    }

    private static async Task EndAsync(List<(Socket Client, PolledConnection Gateway)> some)
    {
        foreach ((Socket client, PolledConnection gateway) in some)
        {
            client.Dispose();
            await gateway.DisposeAsync();
        }
    }

    // What it has written leaves before the next is served.
    private static async Task ReadInATurnAsync(PolledPair pair, PolledConnection connection)
    {
        ReadResult result = await connection.Input.ReadAsync();
        using (pair.Turn.Enter())
            pair.Turn.GatherNoMore();
        Assert.AreEqual(1, result.Buffer.Length);
    }

    /// <summary>The poller's thread is kept until the end of the scope: what happens meanwhile it finds all at once.</summary>
    private sealed class HeldPoller : IDisposable
    {
        private readonly ManualResetEventSlim _isHeld = new();
        private readonly ManualResetEventSlim _goesOn = new();

        public static HeldPoller Hold(Poller poller, Action first)
        {
            HeldPoller held = new();
            poller.Post(
                _ =>
                {
                    first();
                    held._isHeld.Set();
                    _ = held._goesOn.Wait(Patience.Limit);
                },
                state: null);
            Assert.IsTrue(held._isHeld.Wait(Patience.Limit));
            return held;
        }

        public void Dispose() => _goesOn.Set();
    }
}
