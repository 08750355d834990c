using System.Buffers;
using System.Buffers.Binary;
using System.Net.Security;
using DeviceMqtt.Gateway.Listeners;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>When the first message of a TLS client is whole, however it is cut into records and packets.</summary>
[TestClass]
internal sealed class ClientHelloTests
{
    private const int RecordHeaderBytes = 5;

    [TestMethod]
    public async Task Look_AtAHelloOfThisRuntime_WholeWithItsLastByteAndNotBefore()
    {
        byte[] hello = await HelloAsync();
        for (int length = 0; length < hello.Length; length++)
            Assert.AreEqual(ClientHello.Outcome.NeedMore, ClientHello.Look(new ReadOnlySequence<byte>(hello, 0, length)), $"{length} of {hello.Length}");
        Assert.AreEqual(ClientHello.Outcome.Whole, ClientHello.Look(new ReadOnlySequence<byte>(hello)));
        Assert.AreEqual(ClientHello.Outcome.Whole, ClientHello.Look(new ReadOnlySequence<byte>([.. hello, 0x17, 0x03])), "what is behind it is not looked at");
    }

    [TestMethod]
    [DataRow(1)]
    [DataRow(3)]
    [DataRow(4)]
    [DataRow(5)]
    [DataRow(100)]
    public async Task Look_InSmallRecords_WholeWithItsLastByteAndNotBefore(int recordBytes)
    {
        byte[] records = [.. (await HelloAsync()).Skip(RecordHeaderBytes).Chunk(recordBytes).SelectMany(Record)];
        for (int length = 0; length < records.Length; length++)
            Assert.AreEqual(ClientHello.Outcome.NeedMore, ClientHello.Look(new ReadOnlySequence<byte>(records, 0, length)), $"{length} of {records.Length}");
        Assert.AreEqual(ClientHello.Outcome.Whole, ClientHello.Look(new ReadOnlySequence<byte>(records)));
    }

    [TestMethod]
    public void Look_LongerThanAnyIs_Malformed() =>
        Assert.AreEqual(ClientHello.Outcome.Malformed, ClientHello.Look(new ReadOnlySequence<byte>([.. Record([1, 0, 0x3F, 0xF0]), .. Enumerable.Repeat(0, 4_000).SelectMany(static _ => Record([1]))])));

    private static byte[] Record(byte[] body)
    {
        byte[] record = [0x16, 0x03, 0x01, 0, 0, .. body];
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(3), (ushort)body.Length);
        return record;
    }

    private static async Task<byte[]> HelloAsync()
    {
        await using HelloStream network = new();
        await using SslStream client = new(network);
        _ = await Assert.ThrowsAsync<IOException>(() => client.AuthenticateAsClientAsync("gateway.local"));
        return network.ToArray();
    }

    // Nobody answers.
    private sealed class HelloStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => ValueTask.FromResult(0);

        public override int Read(Span<byte> buffer) => 0;
    }
}
