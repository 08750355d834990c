using System.Net.Sockets;

namespace DeviceMqtt.Firmware.Tests.M2Mqtt;

/// <summary>The broker's end of one connection, in bytes.</summary>
internal sealed class BrokerSide(Socket socket) : IDisposable
{
    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    internal async Task SendAsync(params byte[] bytes) => await _stream.WriteAsync(bytes);

    /// <summary>The next packet, which must begin with this byte. The whole of it, fixed header included (with a length below 128).</summary>
    internal async Task<byte[]> ExpectAsync(byte firstByte)
    {
        byte[]? packet = await ReadAsync();
        Assert.IsNotNull(packet, $"the connection ended; expected 0x{firstByte:x2}");
        Assert.AreEqual($"0x{firstByte:x2}", $"0x{packet[0]:x2}");
        return packet;
    }

    /// <summary>The client's end of the connection must be closed, with nothing sent before.</summary>
    internal async Task ExpectEndAsync() => Assert.IsNull(await ReadAsync());

    /// <summary>Hangs up.</summary>
    public void Dispose() => _stream.Dispose();

    private async Task<byte[]?> ReadAsync()
    {
        byte[] header = new byte[2];
        try
        {
            int read = await _stream.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false).AsTask().WaitAsync(Patience.Limit);
            if (read < header.Length)
            {
                return null;
            }

            byte[] packet = [.. header, .. new byte[header[1]]];
            await _stream.ReadExactlyAsync(packet.AsMemory(header.Length)).AsTask().WaitAsync(Patience.Limit);
            return packet;
        }
        catch (IOException)
        {
            // A client that closes with something unread resets the connection: that is an end too.
            return null;
        }
    }
}
