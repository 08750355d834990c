using System.Buffers;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>
/// One target per decoder, fed with damaged packets: no exception, nothing read outside the packet, one outcome with its reason, and what was
/// accepted is written and read back the same. A failure names its seed and its bytes; see <see cref="Seed"/>.
/// </summary>
[TestClass]
public sealed class PacketFuzzTests
{
    [TestMethod]
    [DataRow(PacketType.Connect)]
    [DataRow(PacketType.ConnAck)]
    [DataRow(PacketType.Publish)]
    [DataRow(PacketType.PubAck)]
    [DataRow(PacketType.PubRec)]
    [DataRow(PacketType.PubRel)]
    [DataRow(PacketType.PubComp)]
    [DataRow(PacketType.Subscribe)]
    [DataRow(PacketType.SubAck)]
    [DataRow(PacketType.Unsubscribe)]
    [DataRow(PacketType.UnsubAck)]
    [DataRow(PacketType.PingReq)]
    [DataRow(PacketType.Disconnect)]
    [DataRow(PacketType.Auth)]
    public void Decoder_FedWithDamagedPackets_KeepsItsContract(PacketType type)
    {
        ulong seed = Seed.Take(type.ToString());
        var mutator = new Mutator(seed);
        byte[][] all = [.. SoundPackets.All.Select(row => Bytes.Of(row.Packet))];
        byte[][] ofType = [.. all.Where(packet => packet[0] >> 4 == (int)type)];
        int accepted = 0;
        for (int index = 0; index < Seed.FuzzCases; index++)
        {
            ProtocolVersion version = mutator.Pick(Versions.All);
            byte[] packet = Damage(mutator, mutator.Pick(ofType), mutator.Pick(all));
            try
            {
                accepted += Check(packet, version) ? 1 : 0;
            }
            catch (Exception exception)
            {
                Assert.Fail($"{Seed.Describe(seed)}, case {index}, {version}: {Bytes.Hex(packet)}\n{exception}");
            }
        }

        Console.WriteLine($"{accepted} of {Seed.FuzzCases} accepted");
        Assert.IsGreaterThan(0, accepted, "Nothing was accepted: the target tests only one half.");
        Assert.IsLessThan(Seed.FuzzCases, accepted, "Nothing was refused: the target tests only one half.");
    }

    /// <summary>The body is damaged and gets its true length, so that the decoder and not the framing judges it; now and then flags too.</summary>
    private static byte[] Damage(Mutator mutator, byte[] packet, byte[] other)
    {
        byte[] body = Wire.Read(packet).Body.ToArray();
        body = mutator.Next(20) == 0 ? mutator.RandomBytes(40) : mutator.Mutate(body, other);
        byte first = (byte)(mutator.Next(10) == 0 ? packet[0] ^ mutator.Next(16) : packet[0]);
        byte[] length = new byte[VariableByteInteger.GetLength(body.Length)];
        _ = VariableByteInteger.Write(length, body.Length);
        return [first, .. length, .. body];
    }

    private static bool Check(byte[] packet, ProtocolVersion version)
    {
        string outcome = Describe(packet, version, new Cut.RightSized(), out object? decoded);
        Assert.AreEqual(outcome, Describe(packet, version, new Cut.InsideLarger(0x00), out _));
        Assert.AreEqual(outcome, Describe(packet, version, new Cut.InsideLarger(0xFF), out _));
        if (decoded is null)
            return false;
        ProtocolVersion writtenAs = decoded is ConnectPacket connect ? connect.Version : version;
        byte[] again = Wire.WriteBytes(writer => AnyPacket.Encode(decoded, writtenAs, writer));
        Assert.AreEqual(outcome, Describe(again, writtenAs, new Cut.RightSized(), out _), "Written again: " + Bytes.Hex(again));
        return true;
    }

    private static string Describe(byte[] packet, ProtocolVersion version, Cut cut, out object? decoded)
    {
        ReadOnlySequence<byte> buffer = cut.Lay(packet);
        var reader = new FrameReader(buffer, Wire.PacketBytesMax, new StraddleBuffer());
        Assert.AreEqual(DecodeStatus.Packet, reader.TryRead(out Frame frame));
        decoded = AnyPacket.Decode(frame, version, out MalformedReason reason);
        Assert.AreEqual(decoded is not null, reason == MalformedReason.None);
        return decoded is null ? reason.ToString() : AnyPacket.Describe(decoded);
    }
}
