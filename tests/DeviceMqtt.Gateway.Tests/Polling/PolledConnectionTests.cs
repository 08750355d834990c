using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using DeviceMqtt.Gateway.Polling;

namespace DeviceMqtt.Gateway.Tests.Polling;

/// <summary>What a socket does that one thread polls, against a client that does what clients do.</summary>
[TestClass]
[OSCondition(OperatingSystems.Linux)]
public sealed class PolledConnectionTests
{
    private const int Much = 16 * 1024 * 1024; // more than the kernel takes for a client that does not read

    // However it is cut on its way, and however much is taken or looked at in between.
    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(6)]
    public async Task Read_InPiecesOfAnySize_IsWholeAndInOrder(int seed)
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Random random = new(seed);
        byte[] all = new byte[300_000];
        random.NextBytes(all);
        Task sending = SendInPiecesAsync(pair.Client, all, new Random(seed));

        using MemoryStream taken = new();
        while (true)
        {
            ReadResult result = await ReadAsync(pair);
            ReadOnlySequence<byte> buffer = result.Buffer;
            ReadOnlySequence<byte> taking = buffer.Slice(0, random.Next(3) switch { 0 => 0, 1 => buffer.Length, _ => random.NextInt64(buffer.Length + 1) });
            foreach (ReadOnlyMemory<byte> part in taking)
                taken.Write(part.Span);
            long left = buffer.Length - taking.Length;
            bool looksAtAll = random.Next(2) == 0;
            if (result.IsCompleted && taking.Length == buffer.Length)
                break;
            pair.Input.AdvanceTo(taking.End, looksAtAll && !result.IsCompleted ? buffer.End : taking.End);
            Assert.IsLessThan((2 * left) + (4 * Blocks.BytesMin), pair.Input.MemoryBytes, "memory for what was not taken");
        }

        await sending;
        CollectionAssert.AreEqual(all, taken.ToArray());
    }

    // A read ends before a byte that was sent as urgent, and the kernel tells of each thing once: what came behind it was never read.
    [TestMethod]
    public async Task Read_SomethingWasSentAsUrgent_AllIsReadInItsOrder()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        for (int i = 0; i < 20; i++)
        {
            _ = pair.Client.Send("AB"u8);
            _ = pair.Client.Send("C"u8, SocketFlags.OutOfBand);
            _ = pair.Client.Send("DE"u8);
            using MemoryStream taken = new();
            while (taken.Length < 5)
            {
                ReadResult result = await ReadAsync(pair);
                foreach (ReadOnlyMemory<byte> part in result.Buffer)
                    taken.Write(part.Span);
                pair.Input.AdvanceTo(result.Buffer.End);
            }

            CollectionAssert.AreEqual("ABCDE"u8.ToArray(), taken.ToArray());
        }
    }

    [TestMethod]
    [DataRow(104, "reset")] // ECONNRESET
    [DataRow(71, "71")] // EPROTO, which .NET has no word for
    public void TextOf_AnyError_SaysWhich(int error, string said)
    {
        string text = LinuxSockets.TextOf(error);
        Assert.Contains(said, text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("SocketError", text, StringComparison.Ordinal);
    }

    [TestMethod]
    public async Task Accepted_AnyConnection_SendsSmallPacketsAtOnce()
    {
        const int noDelay = 1; // TCP_NODELAY
        await using PolledPair pair = await PolledPair.ConnectAsync();
        byte[] option = new byte[sizeof(int)];

        Assert.AreEqual(option.Length, pair.Gateway.ReadTcpOption(noDelay, option));

        Assert.AreNotEqual(0, MemoryMarshal.Read<int>(option));
    }

    [TestMethod]
    public async Task Read_PacketThatComesByteByByte_TakesAsMuchMemoryAsItHasBytes()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        const int bytes = 20_000;
        pair.Client.NoDelay = true;
        Task sending = Task.Run(() =>
        {
            for (int i = 0; i < bytes; i++)
                _ = pair.Client.Send([(byte)i]);
        });

        long length = 0;
        while (length < bytes)
        {
            ReadResult result = await ReadAsync(pair);
            length = result.Buffer.Length;
            pair.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            Assert.IsLessThan((2 * length) + (2 * Blocks.BytesMin), pair.Input.MemoryBytes);
        }

        await sending;
    }

    [TestMethod]
    public async Task Read_WhatNobodyAsksFor_StaysWhereItHoldsTheSenderBack()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Task<int> sending = pair.Client.SendAsync(new byte[Much]);

        ReadResult result = await ReadAsync(pair);
        long before = pair.Input.MemoryBytes;
        await Patience.Until(() => pair.Gateway.BytesUnread() > 10_000, "what the client has sent");

        Assert.AreEqual(before, pair.Input.MemoryBytes);
        Assert.IsFalse(sending.IsCompleted);
        long taken = 0;
        while (true)
        {
            taken += result.Buffer.Length;
            pair.Input.AdvanceTo(result.Buffer.End);
            if (taken == Much)
                break;
            result = await ReadAsync(pair);
        }

        Assert.AreEqual(Much, await sending);
    }

    [TestMethod]
    public async Task Read_ClientHasSentAllAndEnds_LastBytesThenTheEnd()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        _ = pair.Client.Send("bye"u8);
        pair.Client.Shutdown(SocketShutdown.Send);

        ReadResult result = await ReadAsync(pair);
        Assert.AreEqual(3, result.Buffer.Length);
        pair.Input.AdvanceTo(result.Buffer.End);
        result = await ReadAsync(pair);

        Assert.IsTrue(result.IsCompleted);
        Assert.IsTrue(result.Buffer.IsEmpty);
    }

    [TestMethod]
    public async Task Read_ClientResets_Throws()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Task<ReadResult> reading = pair.Input.ReadAsync().AsTask();
        pair.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        pair.Client.Close();

        _ = await Assert.ThrowsExactlyAsync<IOException>(() => Patience.Within(reading, "the end of the read"));
    }

    // As MqttConnection.Close does: in the turn of somebody else. What follows must not run in there.
    [TestMethod]
    public async Task CancelPendingRead_InsideATurn_ReadEndsOutsideOfIt()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Task<(bool IsCanceled, bool IsMine)> reading = ReadAndLookAsync();
        using (pair.Turn.Enter())
            pair.Input.CancelPendingRead();

        (bool isCanceled, bool isMine) = await Patience.Within(reading, "the end of the read");
        Assert.IsTrue(isCanceled);
        Assert.IsFalse(isMine);

        async Task<(bool, bool)> ReadAndLookAsync()
        {
            ReadResult result = await pair.Input.ReadAsync();
            return (result.IsCanceled, pair.Turn.IsMine);
        }
    }

    [TestMethod]
    public async Task CancelPendingRead_BeforeTheRead_EndsTheNextOneAndNoOther()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        pair.Input.CancelPendingRead();

        ReadResult result = await ReadAsync(pair);
        Assert.IsTrue(result.IsCanceled);
        pair.Input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        _ = pair.Client.Send("x"u8);

        Assert.IsFalse((await ReadAsync(pair)).IsCanceled);
    }

    [TestMethod]
    public async Task Read_TokenCancelled_Throws()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        using CancellationTokenSource cancellation = new();
        Task<ReadResult> reading = pair.Input.ReadAsync(cancellation.Token).AsTask();

        await cancellation.CancelAsync();

        _ = await Assert.ThrowsAsync<OperationCanceledException>(() => Patience.Within(reading, "the end of the read"));
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    public async Task Flush_ClientReadsLate_WaitsAndAllComesInOrder(int seed)
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Random random = new(seed);
        using MemoryStream written = new();
        Task<FlushResult>? flushing = null;
        while (flushing is null or { IsCompleted: true })
        {
            byte[] piece = new byte[random.Next(1, 200_000)];
            random.NextBytes(piece);
            written.Write(piece);
            pair.Gateway.Output.Write(piece);
            flushing = pair.Gateway.Output.FlushAsync().AsTask();
        }

        // More is written while that flush waits.
        byte[] more = new byte[50_000];
        random.NextBytes(more);
        written.Write(more);
        pair.Gateway.Output.Write(more);
        Task<byte[]> receiving = pair.ReceiveToEndAsync();
        Assert.IsFalse((await Patience.Within(flushing, "the flush")).IsCompleted);
        Assert.IsFalse((await Patience.Within(pair.Gateway.Output.FlushAsync().AsTask(), "the next flush")).IsCompleted);
        await pair.Gateway.DisposeAsync();

        CollectionAssert.AreEqual(written.ToArray(), await receiving);
    }

    [TestMethod]
    public async Task Abort_WhileAFlushWaits_BothSidesEnd()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        pair.Client.ReceiveBufferSize = 4096; // the kernel cannot have handed all over that it has: the end would come in front of the reset
        Task<ReadResult> reading = pair.Input.ReadAsync().AsTask();
        Task<FlushResult> flushing = WriteAsync(pair, Much);
        Assert.IsFalse(flushing.IsCompleted);

        pair.Gateway.Abort();

        Assert.IsTrue((await Patience.Within(flushing, "the end of the flush")).IsCompleted);
        Assert.IsTrue((await Patience.Within(reading, "the end of the read")).IsCompleted);
        Assert.IsTrue((await WriteAsync(pair, 10)).IsCompleted);
        await pair.Gateway.DisposeAsync();
        _ = await Assert.ThrowsAsync<SocketException>(pair.ReceiveToEndAsync);
    }

    // Whoever writes has a block in hand while a flush waits, and learns of the end later than the poller: somebody else's packets must not get into that block meanwhile.
    [TestMethod]
    public async Task Flush_ClientResetsWhileItWaits_BlockThatIsWrittenIsNobodyElses()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Task<FlushResult> flushing = WriteAsync(pair, Much);
        Memory<byte> written = pair.Gateway.Output.GetMemory(10);
        Assert.IsTrue(MemoryMarshal.TryGetArray<byte>(written, out ArraySegment<byte> inHand));
        pair.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        pair.Client.Close();
        Assert.IsTrue((await Patience.Within(flushing, "the end of the flush")).IsCompleted);

        byte[] block = inHand.Array!;
        List<byte[]> taken = [.. Enumerable.Range(0, 1024).Select(_ => Blocks.Take(block.Length))];
        Assert.DoesNotContain(block, taken);
        taken.ForEach(Blocks.Give);
    }

    [TestMethod]
    public async Task Dispose_WhileAReadAndAFlushWait_BothEnd()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        Task<ReadResult> reading = pair.Input.ReadAsync().AsTask();
        Task<FlushResult> flushing = WriteAsync(pair, Much);
        Assert.IsFalse(flushing.IsCompleted);

        await pair.Gateway.DisposeAsync();

        Assert.IsTrue((await Patience.Within(flushing, "the end of the flush")).IsCompleted);
        Assert.IsTrue((await Patience.Within(reading, "the end of the read")).IsCompleted);
    }

    [TestMethod]
    public async Task Flush_ClientIsGone_SaysSo()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        pair.Client.LingerState = new LingerOption(enable: true, seconds: 0);
        pair.Client.Close();

        await Patience.Until(() => WriteAsync(pair, 10) is { IsCompleted: true } flush && flush.Result.IsCompleted, "a flush that says so");
    }

    // A socket that is closed with something unread in it is a reset, which would overtake the reason why.
    [TestMethod]
    public async Task Dispose_ClientHasSentMore_SeesWhatItWasTold()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        _ = pair.Client.Send(new byte[10_000]);
        await Patience.Until(() => pair.Gateway.BytesUnread() == 10_000, "what the client has sent");
        pair.Gateway.Output.Write("refused"u8);
        _ = await pair.Gateway.Output.FlushAsync();

        await pair.Gateway.DisposeAsync();

        Assert.AreEqual("refused", System.Text.Encoding.ASCII.GetString(await pair.ReceiveToEndAsync()));
    }

    // What was read before the other side ended, and what came with its end: nothing of it may stay unread.
    [TestMethod]
    [DataRow(10), DataRow(Blocks.BytesUsual), DataRow(10_000)]
    public async Task Dispose_ClientHasSentMoreAndEnds_SeesWhatItWasTold(int bytes)
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        _ = pair.Client.Send("first"u8);
        ReadResult read = await Patience.Within(pair.Gateway.Input.ReadAsync().AsTask(), "the first bytes");
        pair.Gateway.Input.AdvanceTo(read.Buffer.End);
        _ = pair.Client.Send(new byte[bytes]);
        pair.Client.Shutdown(SocketShutdown.Send);
        if (bytes == 10)
        {
            read = await Patience.Within(pair.Gateway.Input.ReadAsync().AsTask(), "the last bytes");
            pair.Gateway.Input.AdvanceTo(read.Buffer.End);
        }
        else
        {
            await Patience.Until(() => pair.Gateway.BytesUnread() == bytes, "what the client has sent");
        }

        pair.Gateway.Output.Write("refused"u8);
        _ = await pair.Gateway.Output.FlushAsync();
        await pair.Gateway.DisposeAsync();

        Assert.AreEqual("refused", System.Text.Encoding.ASCII.GetString(await pair.ReceiveToEndAsync()));
    }

    // Places are taken again: nobody gets what was meant for who had it before.
    [TestMethod]
    public async Task Connections_ComeAndGo_EachGetsItsOwn()
    {
        await using PolledPair pair = await PolledPair.ConnectAsync();
        for (int round = 0; round < 50; round++)
        {
            List<(Socket Client, PolledConnection Gateway)> some = [];
            for (int i = 0; i < 8; i++)
                some.Add(await pair.ConnectMoreAsync());
            List<Task<ReadResult>> reads = [.. some.Select(static one => one.Gateway.Input.ReadAsync().AsTask())];
            for (int i = 0; i < some.Count; i++)
                _ = some[i].Client.Send([(byte)i]);
            for (int i = 0; i < some.Count; i++)
            {
                Assert.AreEqual(i, (await Patience.Within(reads[i], "a byte")).Buffer.FirstSpan[0]);
                some[i].Client.Dispose();
                await some[i].Gateway.DisposeAsync();
            }
        }
    }

    private static Task<ReadResult> ReadAsync(PolledPair pair) => Patience.Within(pair.Input.ReadAsync().AsTask(), "something to read");

    private static Task<FlushResult> WriteAsync(PolledPair pair, int bytes)
    {
        pair.Gateway.Output.Write(new byte[bytes]);
        return pair.Gateway.Output.FlushAsync().AsTask();
    }

    private static async Task SendInPiecesAsync(Socket client, byte[] all, Random random)
    {
        for (int at = 0; at < all.Length;)
        {
            int bytes = Math.Min(all.Length - at, random.Next(2) == 0 ? random.Next(1, 10) : random.Next(1, 60_000));
            at += await client.SendAsync(all.AsMemory(at, bytes));
            if (random.Next(3) == 0)
                await Task.Yield();
        }

        client.Shutdown(SocketShutdown.Send);
    }
}
