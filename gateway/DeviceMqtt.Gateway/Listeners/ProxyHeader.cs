using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// The header by which a proxy says for whom it connects: the PROXY protocol (haproxy's doc/proxy-protocol.txt), version 1 in text and 2 in bytes. Pure: bytes
/// in, one of three outcomes out.
/// </summary>
/// <param name="Source">Who connects; null when the proxy does not say, or connects for itself (UNKNOWN, LOCAL, UNSPEC, Unix sockets, UDP).</param>
internal readonly record struct ProxyHeader(IPEndPoint? Source)
{
    /// <summary>What <see cref="TryRead"/> has found.</summary>
    internal enum Outcome : byte
    {
        /// <summary>It is not whole yet.</summary>
        NeedMore,

        /// <summary>It is here.</summary>
        Found,

        /// <summary>These bytes are none.</summary>
        Malformed,
    }

    /// <summary>Version 1 with its end, section 2.1.</summary>
    private const int V1BytesMax = 107;

    /// <summary>Chosen: addresses take 36 bytes, and what proxies add (names, TLS) some hundred.</summary>
    private const int V2BodyBytesMax = 1024;

    private const int V2HeaderBytes = 16;
    private const byte V2Local = 0x20; // version 2, command LOCAL; section 2.2
    private const byte V2Proxy = 0x21;
    private const byte Unspecified = 0x00;
    private const byte TcpOverIPv4 = 0x11;
    private const byte TcpOverIPv6 = 0x21;

    // UDP over IPv4 and IPv6, Unix sockets of both kinds: whoever does not support one of them takes it for UNSPEC, and all other bytes for none (section 2.2).
    private static ReadOnlySpan<byte> OtherFamilies => [0x12, 0x22, 0x31, 0x32];

    private static ReadOnlySpan<byte> V1Begin => "PROXY "u8;

    private static ReadOnlySpan<byte> V2Signature => [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A];

    /// <summary>It begins as a header does, and as nothing else that comes to a port of ours: five bytes of the signature of version 2 are enough.</summary>
    public static bool IsBegunBy(ReadOnlySpan<byte> bytes) => bytes.StartsWith(V1Begin) || bytes.StartsWith(V2Signature[..5]);

    /// <summary>Reads the header from the first bytes of a connection.</summary>
    /// <param name="buffer">What has come so far.</param>
    /// <param name="header">What it says, when it is found.</param>
    /// <param name="bytes">How long it is then.</param>
    public static Outcome TryRead(in ReadOnlySequence<byte> buffer, out ProxyHeader header, out int bytes)
    {
        header = default;
        bytes = 0;
        int known = (int)Math.Min(buffer.Length, V2HeaderBytes + V2BodyBytesMax);
        byte[] copy = ArrayPool<byte>.Shared.Rent(V2HeaderBytes + V2BodyBytesMax);
        try
        {
            buffer.Slice(0, known).CopyTo(copy);
            ReadOnlySpan<byte> all = copy.AsSpan(0, known);
            if (Begins(all, V1Begin))
                return all.Length < V1Begin.Length ? Outcome.NeedMore : ReadV1(all, out header, out bytes);
            if (Begins(all, V2Signature))
                return all.Length < V2HeaderBytes ? Outcome.NeedMore : ReadV2(all, out header, out bytes);
            return Outcome.Malformed;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy);
        }
    }

    private static bool Begins(ReadOnlySpan<byte> all, ReadOnlySpan<byte> with) => all[..Math.Min(all.Length, with.Length)].SequenceEqual(with[..Math.Min(all.Length, with.Length)]);

    // "PROXY TCP4 192.0.2.1 198.51.100.1 56324 443\r\n": single spaces, nothing else.
    private static Outcome ReadV1(ReadOnlySpan<byte> all, out ProxyHeader header, out int bytes)
    {
        header = default;
        bytes = 0;
        ReadOnlySpan<byte> line = all[..Math.Min(all.Length, V1BytesMax)];
        int end = line.IndexOf("\r\n"u8);
        if (end < 0 ? !MayGoOn(line) : !IsPrintable(line[..end]))
            return Outcome.Malformed;
        if (end < 0)
            return line.Length == V1BytesMax ? Outcome.Malformed : Outcome.NeedMore;
        bytes = end + 2;
        string[] words = Encoding.Latin1.GetString(line[..end]).Split(' ');
        if (words[1] == "UNKNOWN")
            return Outcome.Found;
        if (words.Length != 6 || words[1] is not ("TCP4" or "TCP6"))
            return Outcome.Malformed;
        bool isV6 = words[1] == "TCP6";
        if (!TryAddress(words[2], isV6, out IPAddress? source) || !TryAddress(words[3], isV6, out _) || !TryPort(words[4], out int port) || !TryPort(words[5], out _))
            return Outcome.Malformed;
        header = new ProxyHeader(new IPEndPoint(source, port));
        return Outcome.Found;
    }

    private static bool MayGoOn(ReadOnlySpan<byte> line) => IsPrintable(line[^1] == '\r' ? line[..^1] : line);

    // Asked of the whole line, for int.TryParse takes "443\0" for a number.
    private static bool IsPrintable(ReadOnlySpan<byte> line) => !line.ContainsAnyExceptInRange((byte)0x20, (byte)0x7E);

    //  0            12        13       14      16
    // +------------+---------+--------+-------+--------------------------------------------+
    // | signature  | ver,cmd | family | length| source, destination, their ports, then TLVs |
    // +------------+---------+--------+-------+--------------------------------------------+
    private static Outcome ReadV2(ReadOnlySpan<byte> all, out ProxyHeader header, out int bytes)
    {
        header = default;
        int body = BinaryPrimitives.ReadUInt16BigEndian(all[14..]);
        bytes = V2HeaderBytes + body;
        byte command = all[12];
        byte family = all[13];
        int addressBytes = family switch { TcpOverIPv4 => 4, TcpOverIPv6 => 16, _ => 0 };
        if (body > V2BodyBytesMax || command is not (V2Local or V2Proxy) || (command == V2Proxy && family is not (Unspecified or TcpOverIPv4 or TcpOverIPv6) && !OtherFamilies.Contains(family)))
            return Outcome.Malformed;
        if (command == V2Proxy && body < (addressBytes + sizeof(ushort)) * 2 && addressBytes > 0)
            return Outcome.Malformed;
        if (all.Length < bytes)
            return Outcome.NeedMore;
        if (command == V2Local || addressBytes == 0)
            return Outcome.Found;
        ReadOnlySpan<byte> addresses = all[V2HeaderBytes..];
        header = new ProxyHeader(new IPEndPoint(new IPAddress(addresses[..addressBytes]), BinaryPrimitives.ReadUInt16BigEndian(addresses[(2 * addressBytes)..])));
        return Outcome.Found;
    }

    // Only as the specification writes it: no scope, no octal, no address in one number.
    private static bool TryAddress(string text, bool isV6, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out IPAddress? address) =>
        IPAddress.TryParse(text, out address)
        && (isV6 ? address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 && !text.Contains('%', StringComparison.Ordinal) && !text.Contains('[', StringComparison.Ordinal)
            : address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork && address.ToString() == text);

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port <= ushort.MaxValue && (text.Length == 1 || text[0] != '0');
}
