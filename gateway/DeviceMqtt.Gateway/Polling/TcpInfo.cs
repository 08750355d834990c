using System.Buffers.Binary;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>What the kernel of Linux tells of a TCP connection: <c>struct tcp_info</c> of linux/tcp.h.</summary>
internal static class TcpInfo
{
    /// <summary>IPPROTO_TCP.</summary>
    public const int Level = 6;

    /// <summary>TCP_INFO.</summary>
    public const int Option = 11;

    private const int BytesAckedOffset = 120; // tcpi_bytes_acked, since Linux 4.1

    /// <summary>How much of it has to be read.</summary>
    public const int Bytes = BytesAckedOffset + sizeof(long);

    /// <summary>Bytes that the other machine has acknowledged; 0 where the kernel does not say.</summary>
    /// <param name="info">What was read.</param>
    /// <param name="bytes">How much of it; below 0 when nothing was.</param>
    public static long BytesAckedOf(ReadOnlySpan<byte> info, int bytes) => bytes < Bytes ? 0 : BinaryPrimitives.ReadInt64LittleEndian(info[BytesAckedOffset..]);
}
