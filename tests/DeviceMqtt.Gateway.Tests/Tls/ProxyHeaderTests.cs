using System.Buffers;
using System.Net;
using System.Text;
using DeviceMqtt.Gateway.Listeners;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>The PROXY protocol, versions 1 and 2: what is one, what is not, and that no bytes do any harm.</summary>
[TestClass]
internal sealed class ProxyHeaderTests
{
    private static readonly byte[] Signature = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    [TestMethod]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", "192.0.2.1:56324")]
    [DataRow("PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n", "255.255.255.255:65535")]
    [DataRow("PROXY TCP4 127.0.0.1 127.0.0.1 0 0\r\n", "127.0.0.1:0")]
    [DataRow("PROXY TCP6 2001:db8::7 ::1 40000 1883\r\n", "[2001:db8::7]:40000")]
    [DataRow("PROXY TCP6 ffff:f...f:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", null)]
    [DataRow("PROXY UNKNOWN\r\n", "")]
    [DataRow("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n", "")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324\r\n", null, DisplayName = "a port is missing")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443 \r\n", null, DisplayName = "a space too many")]
    [DataRow("PROXY  TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", null, DisplayName = "two spaces")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\n", null, DisplayName = "no CR")]
    [DataRow("PROXY TCP4 192.0.2.01 198.51.100.1 56324 443\r\n", null, DisplayName = "a leading zero")]
    [DataRow("PROXY TCP4 3221225985 198.51.100.1 56324 443\r\n", null, DisplayName = "an address in one number")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 65536 443\r\n", null, DisplayName = "a port too large")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 +1 443\r\n", null, DisplayName = "a sign")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 0443 443\r\n", null, DisplayName = "a port with a leading zero")]
    [DataRow("PROXY TCP4 2001:db8::7 ::1 40000 1883\r\n", null, DisplayName = "IPv6 as IPv4")]
    [DataRow("PROXY TCP6 192.0.2.1 198.51.100.1 56324 443\r\n", null, DisplayName = "IPv4 as IPv6")]
    [DataRow("PROXY TCP6 fe80::1%1 ::1 40000 1883\r\n", null, DisplayName = "a scope")]
    [DataRow("PROXY UDP4 192.0.2.1 198.51.100.1 56324 443\r\n", null, DisplayName = "UDP")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324 44\0\r\n", null, DisplayName = "a zero byte behind a port")]
    [DataRow("PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r \r\n", null, DisplayName = "a CR within")]
    [DataRow("PROXY UNKNOWN \u0001\r\n", null, DisplayName = "a control character")]
    [DataRow("PROXY UNKNOWN \u00e9\r\n", null, DisplayName = "no ASCII")]
    [DataRow("proxy TCP4 192.0.2.1 198.51.100.1 56324 443\r\n", null, DisplayName = "small letters")]
    [DataRow("GET / HTTP/1.1\r\n\r\n", null)]
    public void V1_Read_AsTheSpecificationSays(string text, string? source) => Check(Encoding.Latin1.GetBytes(text), source);

    [TestMethod]
    public void V1_LongerThanItMayBe_RefusedWithoutItsEnd() =>
        Assert.AreEqual(ProxyHeader.Outcome.Malformed, ProxyHeader.TryRead(new ReadOnlySequence<byte>(Encoding.ASCII.GetBytes("PROXY UNKNOWN " + new string('x', 100))), out _, out _));

    [TestMethod]
    [DataRow("21 11 000C C0000201 C6336401 DC04 01BB", "192.0.2.1:56324")]
    [DataRow("21 11 0010 C0000201 C6336401 DC04 01BB 04000100", "192.0.2.1:56324", DisplayName = "with a TLV")]
    [DataRow("21 21 0024 20010DB8000000000000000000000007 00000000000000000000000000000001 9C40 075B", "[2001:db8::7]:40000")]
    [DataRow("20 00 0000", "", DisplayName = "LOCAL")]
    [DataRow("20 11 000C C0000201 C6336401 DC04 01BB", "", DisplayName = "LOCAL with addresses that do not count")]
    [DataRow("21 00 0000", "", DisplayName = "UNSPEC")]
    [DataRow("21 11 000B C0000201 C6336401 DC04 01", null, DisplayName = "too short for its addresses")]
    [DataRow("21 31 0004 2F780000", "", DisplayName = "a Unix socket")]
    [DataRow("21 32 0000", "", DisplayName = "a Unix socket of datagrams")]
    [DataRow("21 12 000C C0000201 C6336401 DC04 01BB", "", DisplayName = "UDP")]
    [DataRow("21 22 0000", "", DisplayName = "UDP over IPv6")]
    [DataRow("20 FF 0000", "", DisplayName = "LOCAL, whose family does not count")]
    [DataRow("21 13 0000", null, DisplayName = "a transport that there is not")]
    [DataRow("21 41 0000", null, DisplayName = "a family that there is not")]
    [DataRow("22 11 000C C0000201 C6336401 DC04 01BB", null, DisplayName = "another command")]
    [DataRow("11 11 000C C0000201 C6336401 DC04 01BB", null, DisplayName = "another version")]
    [DataRow("21 11 FFFF C0000201 C6336401 DC04 01BB", null, DisplayName = "longer than is taken")]
    public void V2_Read_AsTheSpecificationSays(string hex, string? source) =>
        Check([.. Signature, .. Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal))], source);

    // Mutations of good headers, and noise: never a fault, never more than the header, and the same whether it comes at once or byte by byte.
    [TestMethod]
    public void Bytes_AnyAtAll_DoNoHarm()
    {
        int seed = Environment.TickCount;
        Random random = new(seed);
        byte[][] good =
        [
            "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n"u8.ToArray(), "PROXY TCP6 2001:db8::7 ::1 40000 1883\r\n"u8.ToArray(), "PROXY UNKNOWN\r\n"u8.ToArray(),
            [.. Signature, .. Convert.FromHexString("2111000CC0000201C6336401DC0401BB")], [.. Signature, 0x20, 0, 0, 0],
        ];
        for (int i = 0; i < 200_000; i++)
        {
            byte[] bytes = [.. good[random.Next(good.Length)], .. new byte[random.Next(4)]];
            for (int change = random.Next(4); change > 0; change--)
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            byte[] cut = bytes[..random.Next(bytes.Length + 1)];
            ProxyHeader.Outcome whole = ProxyHeader.TryRead(new ReadOnlySequence<byte>(cut), out ProxyHeader header, out int length);
            if (whole == ProxyHeader.Outcome.Found)
                Assert.IsTrue(length > 0 && length <= cut.Length, $"seed {seed}: {Convert.ToHexString(cut)}");
            (ProxyHeader.Outcome slow, ProxyHeader same) = ByteByByte(cut);
            Assert.AreEqual((whole, header), (slow, same), $"seed {seed}: {Convert.ToHexString(cut)}");
        }
    }

    private static (ProxyHeader.Outcome Outcome, ProxyHeader Header) ByteByByte(byte[] bytes)
    {
        ProxyHeader.Outcome outcome = ProxyHeader.Outcome.NeedMore;
        ProxyHeader header = default;
        for (int n = 0; n <= bytes.Length && outcome == ProxyHeader.Outcome.NeedMore; n++)
            outcome = ProxyHeader.TryRead(new ReadOnlySequence<byte>(bytes, 0, n), out header, out _);
        return (outcome, header);
    }

    private static void Check(byte[] bytes, string? source)
    {
        byte[] more = [.. bytes, 0x10, 0x00];
        ProxyHeader.Outcome outcome = ProxyHeader.TryRead(new ReadOnlySequence<byte>(more), out ProxyHeader header, out int length);
        Assert.AreEqual(source is null ? ProxyHeader.Outcome.Malformed : ProxyHeader.Outcome.Found, outcome);
        if (source is null)
            return;
        Assert.AreEqual(bytes.Length, length);
        Assert.AreEqual(source.Length == 0 ? null : IPEndPoint.Parse(source), header.Source);
        for (int n = 0; n < bytes.Length; n++)
            Assert.AreEqual(ProxyHeader.Outcome.NeedMore, ProxyHeader.TryRead(new ReadOnlySequence<byte>(bytes, 0, n), out _, out _), $"at byte {n}");
    }
}
