using System.Net.Sockets;
using System.Text;

namespace DeviceMqtt.Gateway.Orders;

/// <summary>
/// Both ends of what the command line and a gateway that runs say to each other: lines of UTF-8. The command line says one word and what belongs to
/// it; the gateway answers with an exit code on a line of its own, then text, then an empty line.
/// </summary>
internal sealed class OrderLine(Socket socket) : IDisposable
{
    /// <summary>Bytes of one line. Chosen: a page of changed settings.</summary>
    public const int LineBytesMax = 64 * 1024;

    private readonly byte[] _buffer = new byte[LineBytesMax];
    private int _length;

    /// <summary>The next line, without its end; null when the other side is gone.</summary>
    /// <exception cref="IOException">The line is too long, or the connection failed.</exception>
    /// <exception cref="OperationCanceledException">It did not come in time.</exception>
    public async Task<string?> ReadAsync(CancellationToken cancellation)
    {
        while (true)
        {
            int end = Array.IndexOf(_buffer, (byte)'\n', 0, _length);
            if (end >= 0)
            {
                string line = Encoding.UTF8.GetString(_buffer, 0, end);
                _length -= end + 1;
                Buffer.BlockCopy(_buffer, end + 1, _buffer, 0, _length);
                return line;
            }

            if (_length == _buffer.Length)
                throw new IOException($"a line of more than {LineBytesMax} bytes");
            int read = await InTerms(() => socket.ReceiveAsync(_buffer.AsMemory(_length), cancellation));
            if (read == 0)
                return null;
            _length += read;
        }
    }

    /// <exception cref="IOException">The other side is gone.</exception>
    public async Task WriteAsync(string text, CancellationToken cancellation)
    {
        ReadOnlyMemory<byte> rest = Encoding.UTF8.GetBytes(text + "\n");
        while (rest.Length > 0)
        {
            ReadOnlyMemory<byte> next = rest;
            rest = rest[await InTerms(() => socket.SendAsync(next, cancellation))..];
        }
    }

    public void Dispose() => socket.Dispose();

    // A socket that fails is the world, as a file is.
    private static async Task<int> InTerms(Func<ValueTask<int>> operation)
    {
        try
        {
            return await operation();
        }
        catch (SocketException exception)
        {
            throw new IOException(exception.Message, exception);
        }
    }
}
