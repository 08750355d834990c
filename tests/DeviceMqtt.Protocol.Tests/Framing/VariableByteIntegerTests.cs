namespace DeviceMqtt.Protocol.Tests;

/// <summary>The Variable Byte Integer (5.0, 1.5.5, with the edges of its table 1-1).</summary>
[TestClass]
public sealed class VariableByteIntegerTests
{
    [TestMethod]
    [DataRow(0, "00")]
    [DataRow(127, "7F")]
    [DataRow(128, "80 01")]
    [DataRow(16_383, "FF 7F")]
    [DataRow(16_384, "80 80 01")]
    [DataRow(2_097_151, "FF FF 7F")]
    [DataRow(2_097_152, "80 80 80 01")]
    [DataRow(268_435_455, "FF FF FF 7F")]
    public void Integer_AtEveryEdge_IsWrittenAndRead(int value, string encoded)
    {
        byte[] bytes = new byte[4];
        int length = VariableByteInteger.Write(bytes, value);
        Assert.AreEqual(encoded, Bytes.Hex(bytes.AsSpan(0, length)));
        Assert.AreEqual(length, VariableByteInteger.GetLength(value));
        Assert.AreEqual(DecodeStatus.Packet, VariableByteInteger.TryRead([.. Bytes.Of(encoded), 0xFF], out int read, out int readLength));
        Assert.AreEqual(value, read);
        Assert.AreEqual(length, readLength);
        for (int cut = 0; cut < length; cut++)
            Assert.AreEqual(DecodeStatus.NeedMore, VariableByteInteger.TryRead(bytes.AsSpan(0, cut), out _, out _));
    }

    [TestMethod]
    public void Integer_OfFiveBytes_IsMalformed() =>
        Assert.AreEqual(DecodeStatus.Malformed, VariableByteInteger.TryRead(Bytes.Of("80 80 80 80 01"), out _, out _));

    [TestMethod]
    public void Integer_OutOfRange_IsOurBug()
    {
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VariableByteInteger.Write(new byte[8], VariableByteInteger.Max + 1));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => VariableByteInteger.Write(new byte[8], -1));
    }
}
