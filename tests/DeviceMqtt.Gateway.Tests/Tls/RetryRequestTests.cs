using System.IO.Pipelines;
using System.Net.Sockets;
using System.Security.Cryptography;
using DeviceMqtt.Gateway.Listeners;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>
/// A client that has no key the server wants is asked for another ClientHello (RFC 8446, section 4.1.4): its signature is worked out behind the second one, and waits for its
/// turn as all do. It was let through: a client chooses which keys it sends first.
/// </summary>
[TestClass]
internal sealed class RetryRequestTests
{
    private const int KeyBytes = 32; // of X25519
    private static readonly byte[] ChangeCipherSpec = [0x14, 0x03, 0x03, 0x00, 0x01, 0x01];
    private static readonly byte[] Random = RandomNumberGenerator.GetBytes(32);
    private readonly TaskCompletionSource _turn = new();
    private readonly Pipe _input = new();
    private readonly Pipe _output = new();
    private int _told;

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task SecondClientHello_Comes_IsShownWhenItIsItsTurn(bool isSentWithTheFirst)
    {
        byte[] first = Hello([]);
        byte[] second = [.. ChangeCipherSpec, .. Hello(RandomNumberGenerator.GetBytes(KeyBytes))];
        await _input.Writer.WriteAsync(isSentWithTheFirst ? [.. first, .. second] : first);
        HandshakePipe pipe = new(new Duplex(_input.Reader, _output.Writer), first.Length, () => _told++, _ => _turn.Task);

        Assert.AreEqual(first.Length, await ReadAsync(pipe, 10_000), "the first one, and nothing behind it");
        await pipe.WriteAsync(RetryRequest());
        Assert.AreEqual(1, _told);
        Task<int> reading = ReadAsync(pipe, 10_000);
        if (!isSentWithTheFirst)
        {
            await _input.Writer.WriteAsync(second.AsMemory(0, 20));
            Assert.IsFalse(reading.IsCompleted, "half of it");
            await _input.Writer.WriteAsync(second.AsMemory(20));
        }

        await Task.Yield();
        Assert.IsFalse(reading.IsCompleted, "it is not its turn");
        _turn.SetResult();
        Assert.AreEqual(second.Length, await Patience.Within(reading, "the second ClientHello"));
        await pipe.WriteAsync(new byte[100]);
        Assert.AreEqual(2, _told, "worked out");
        await pipe.WriteAsync(new byte[100]);
        Assert.AreEqual(2, _told);
    }

    [TestMethod]
    public async Task ClientHello_ServerAnswersWithItsOwn_WhatComesThenIsShownAtOnce()
    {
        byte[] hello = Hello(RandomNumberGenerator.GetBytes(KeyBytes));
        await _input.Writer.WriteAsync(hello);
        HandshakePipe pipe = new(new Duplex(_input.Reader, _output.Writer), hello.Length, () => _told++, _ => throw new AssertFailedException("nothing to wait for"));
        for (int left = hello.Length; left > 0;)
            left -= await ReadAsync(pipe, 7);

        await pipe.WriteAsync(new byte[100]);
        await _input.Writer.WriteAsync(new byte[3]);
        Assert.AreEqual(3, await ReadAsync(pipe, 10));
        Assert.AreEqual(1, _told);
    }

    [TestMethod]
    [DataRow(false)]
    [DataRow(true)]
    public async Task Client_WithoutAKeyAtFirst_IsAskedForOneAndServed(bool isSentWithTheFirst)
    {
        await using TestHouse house = await TestHouse.StartAsync();
        using TcpClient client = new();
        await client.ConnectAsync(house.Secure);
        NetworkStream stream = client.GetStream();
        byte[] second = [.. ChangeCipherSpec, .. Hello(RandomNumberGenerator.GetBytes(KeyBytes))];
        await stream.WriteAsync(isSentWithTheFirst ? [.. Hello([]), .. second] : Hello([]));
        Assert.IsTrue(ServerHello.IsRetryRequest(await NextRecordAsync(stream)), "the server asks for another ClientHello");
        if (!isSentWithTheFirst)
            await stream.WriteAsync(second);

        byte[] answer = await NextRecordAsync(stream);
        if (answer[0] == ChangeCipherSpec[0])
            answer = await NextRecordAsync(stream);
        Assert.AreEqual(0x16, answer[0]);
        Assert.AreEqual(2, answer[5], "a ServerHello");
        Assert.IsFalse(ServerHello.IsRetryRequest(answer));
    }

    private static async Task<byte[]> NextRecordAsync(NetworkStream stream)
    {
        byte[] head = new byte[5];
        await Patience.Within(stream.ReadExactlyAsync(head).AsTask(), "a record of the server");
        byte[] body = new byte[(head[3] << 8) | head[4]];
        await Patience.Within(stream.ReadExactlyAsync(body).AsTask(), "its body");
        return [.. head, .. body];
    }

    private static async Task<int> ReadAsync(HandshakePipe pipe, int max)
    {
        ReadResult result = await pipe.Input.ReadAsync();
        int bytes = (int)Math.Min(max, result.Buffer.Length);
        pipe.Input.AdvanceTo(result.Buffer.GetPosition(bytes));
        return bytes;
    }

    private static byte[] RetryRequest() =>
        [0x16, 0x03, 0x03, 0x00, 0x58, 0x02, 0x00, 0x00, 0x54, 0x03, 0x03, .. SHA256.HashData("HelloRetryRequest"u8), .. new byte[50]];

    // A ClientHello of TLS 1.3 with X25519 and its key, or none: sections 4.1.2, 4.2.1, 4.2.3, 4.2.7, 4.2.8.
    private static byte[] Hello(byte[] key)
    {
        byte[] share = key.Length == 0 ? [] : [0x00, 0x1D, .. Long(key.Length), .. key];
        byte[] extensions =
        [
            0x00, 0x2B, 0x00, 0x03, 0x02, 0x03, 0x04,
            0x00, 0x0D, 0x00, 0x0A, 0x00, 0x08, 0x04, 0x03, 0x08, 0x04, 0x04, 0x01, 0x08, 0x07,
            0x00, 0x0A, 0x00, 0x04, 0x00, 0x02, 0x00, 0x1D,
            0x00, 0x33, .. Long(share.Length + 2), .. Long(share.Length), .. share,
        ];
        byte[] body = [0x03, 0x03, .. Random, 0x20, .. Random, 0x00, 0x04, 0x13, 0x01, 0x13, 0x02, 0x01, 0x00, .. Long(extensions.Length), .. extensions];
        return [0x16, 0x03, 0x01, .. Long(body.Length + 4), 0x01, 0x00, .. Long(body.Length), .. body];

        static byte[] Long(int value) => [(byte)(value >> 8), (byte)value];
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
