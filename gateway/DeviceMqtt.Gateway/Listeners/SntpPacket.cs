using System.Buffers.Binary;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// A packet of SNTP (RFC 4330, section 4), 48 bytes:
/// <code>
/// +------------------+---------+------+-----------+------------------+-----------+-----------+----------+---------+----------+
/// | leap, vers, mode | stratum | poll | precision | delay, dispers.  | reference | ref. time | original | receive | transmit |
/// | 1                | 1       | 1    | 1         | 4 + 4            | 4         | 8         | 8        | 8       | 8        |
/// +------------------+---------+------+-----------+------------------+-----------+-----------+----------+---------+----------+
/// </code>
/// </summary>
internal static class SntpPacket
{
    public const int Bytes = 48;
    private const byte ClientMode = 3;
    private const byte ServerMode = 4;
    private const byte NotSynchronized = 0xC0; // leap indicator 3: clients do not believe it
    private const byte Stratum = 10; // a clock that follows another, and is not meant for the world
    private const byte Precision = 0xF6; // 2^-10 s: a millisecond
    private static readonly DateTimeOffset Era = new(1900, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Writes the answer to a request.</summary>
    /// <param name="request">What came.</param>
    /// <param name="answer">48 bytes.</param>
    /// <param name="now">What time it is; null where nobody knows: the answer says so.</param>
    /// <returns>False when that is no request of a client.</returns>
    public static bool TryAnswer(ReadOnlySpan<byte> request, Span<byte> answer, DateTimeOffset? now)
    {
        int version = request.Length >= Bytes ? (request[0] >> 3) & 7 : 0;
        if (version is < 1 or > 4 || (request[0] & 7) != ClientMode)
            return false;
        answer[..Bytes].Clear();
        answer[0] = (byte)((now is null ? NotSynchronized : 0) | (version << 3) | ServerMode);
        answer[1] = now is null ? (byte)0 : Stratum;
        answer[2] = request[2];
        answer[3] = Precision;
        "LOCL"u8.CopyTo(answer[12..]);
        request.Slice(40, 8).CopyTo(answer[24..]); // when the client sent it, by its own clock
        if (now is not { } time)
            return true;
        Write(answer[16..], time);
        Write(answer[32..], time);
        Write(answer[40..], time);
        return true;
    }

    private static void Write(Span<byte> timestamp, DateTimeOffset time)
    {
        long ticks = (time - Era).Ticks;
        BinaryPrimitives.WriteUInt32BigEndian(timestamp, (uint)(ticks / TimeSpan.TicksPerSecond)); // wraps in 2036, as the protocol does
        BinaryPrimitives.WriteUInt32BigEndian(timestamp[4..], (uint)(((ticks % TimeSpan.TicksPerSecond) << 32) / TimeSpan.TicksPerSecond));
    }
}
