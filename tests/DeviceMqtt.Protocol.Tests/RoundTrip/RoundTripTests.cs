using System.Buffers;
using FsCheck;
using FsCheck.Fluent;
using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>What is written is read back the same, for whatever may be sent. A failure names its seed; see <see cref="Seed"/>.</summary>
[TestClass]
public sealed class RoundTripTests
{
    [TestMethod]
    [DataRow(V31)]
    [DataRow(V311)]
    [DataRow(V5)]
    public void Packet_Written_IsReadBackTheSame(ProtocolVersion version) => Check(PacketGen.Any(version), 600, packet =>
    {
        byte[] bytes = Wire.WriteBytes(writer => AnyPacket.Encode(packet, version, writer));
        object? decoded = AnyPacket.Decode(Wire.Read(bytes), version, out MalformedReason reason);
        Assert.IsNotNull(decoded, $"{reason.ToText()}: {Bytes.Hex(bytes)}");
        Assert.AreEqual(AnyPacket.Describe(packet), AnyPacket.Describe(decoded));
    });

    [TestMethod]
    public void Stream_OfManyPackets_CutAnywhere_IsReadBackTheSame()
    {
        Gen<(IReadOnlyList<object> Packets, int Cut)> gen =
            from packets in ValueGen.ListOf(PacketGen.Any(V5))
            from cut in Gen.Choose(0, 2000)
            select (packets, cut);
        Check(gen, 150, sample =>
        {
            byte[][] all = [.. sample.Packets.Select(packet => Wire.WriteBytes(writer => AnyPacket.Encode(packet, V5, writer)))];
            ReadOnlySequence<byte> buffer = new Cut.At(sample.Cut).Lay([.. all.SelectMany(bytes => bytes)]);
            var reader = new FrameReader(buffer, Wire.PacketBytesMax, new StraddleBuffer());
            foreach (byte[] packet in all)
            {
                Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
                Assert.AreEqual(Bytes.Hex(packet), Bytes.Hex(frame.Packet));
            }

            Assert.AreEqual(DecodeStatus.NeedMore, reader.TryRead(out _));
        });
    }

    [TestMethod]
    public void GetLength_OfPublishAndAcks_IsWhatIsWritten() => Check(PacketGen.Any(V5), 400, packet =>
    {
        int? expected = packet switch
        {
            PublishCopy publish =>
                PublishPacket.GetLength(V5, publish.TopicName.Length, publish.Properties.Length, publish.Payload.Length, publish.QoS),
            AckCopy ack => AckPacket.GetLength(V5, ack.Reason, ack.Properties.Length),
            _ => null,
        };
        if (expected is not null)
            Assert.HasCount(expected.Value, Wire.WriteBytes(writer => AnyPacket.Encode(packet, V5, writer)));
    });

    [TestMethod]
    public void VariableByteInteger_Written_IsReadBackTheSame() => Check(Gen.Choose(0, VariableByteInteger.Max), 1000, value =>
    {
        byte[] bytes = new byte[VariableByteInteger.GetLength(value)];
        Assert.AreEqual(bytes.Length, VariableByteInteger.Write(bytes, value));
        Assert.AreEqual(DecodeStatus.Packet, VariableByteInteger.TryRead(bytes, out int read, out int length));
        Assert.AreEqual(value, read);
        Assert.AreEqual(bytes.Length, length);
    });

    /// <summary>Against a second reading of 4.7, by recursion over the characters instead of by levels.</summary>
    [TestMethod]
    public void Filter_Matches_AsASecondReadingOfTheRulesDoes() => Check(
        from filter in ValueGen.Filter
        from topic in ValueGen.ShortTopic
        select (filter, topic),
        3000,
        sample =>
        {
            Assert.IsTrue(TopicName.TryParse(sample.topic, out TopicName name, out _));
            bool isHidden = sample.topic[0] == '$' && (sample.filter.Match[0] is '+' or '#');
            bool expected = !isHidden && Matches(sample.filter.Match, sample.topic);
            Assert.AreEqual(expected, sample.filter.Matches(name), $"{sample.filter} and {name}");
        });

    private static bool Matches(ReadOnlySpan<char> filter, ReadOnlySpan<char> topic)
    {
        if (filter is "#" || (filter is "/#" && topic.IsEmpty))
            return true;
        if (filter.IsEmpty)
            return topic.IsEmpty;
        if (filter[0] != '+')
            return !topic.IsEmpty && filter[0] == topic[0] && Matches(filter[1..], topic[1..]);
        int slash = topic.IndexOf('/');
        return Matches(filter[1..], slash < 0 ? [] : topic[slash..]);
    }

    private static void Check<T>(Gen<T> gen, int tests, Action<T> assert)
    {
        ulong seed = Seed.Take("FsCheck");
        Config config = Config.QuickThrowOnFailure
            .WithQuietOnSuccess(true)
            .WithMaxTest(tests)
            .WithReplay(new Replay(new Rnd(seed), null));
        try
        {
            FsCheck.Check.One(config, Prop.ForAll(gen.ToArbitrary(), assert));
        }
        catch (Exception exception)
        {
            Assert.Fail($"{Seed.Describe(seed)}: {exception.Message}");
        }
    }
}
