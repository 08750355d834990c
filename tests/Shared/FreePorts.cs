using System.Net;
using System.Net.Sockets;

namespace DeviceMqtt.TestSupport;

/// <summary>
/// Ports for programs that cannot be told "any". Below those that Linux (32768 and up), Windows and macOS (49152 and up) give
/// to outgoing connections, one of which would take the port of a program that is down for a moment. Each is held until this
/// process ends, by a locked file: another run on this machine takes none of them, although nobody listens there yet.
/// </summary>
internal static class FreePorts
{
    private const int First = 20_000;
    private const int Behind = 32_000;
    private static readonly Lock TakenLock = new();
    private static readonly Dictionary<int, FileStream> Taken = [];
    private static readonly string Folder = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"devicemqtt-test-ports-{Environment.UserName}")).FullName;

    /// <summary>One that nobody listens on now, and that no other test on this machine was given.</summary>
    public static int Take()
    {
        while (true)
        {
            int port = Random.Shared.Next(First, Behind);
            lock (TakenLock)
            {
                if (!Taken.ContainsKey(port) && Hold(port) is { } held)
                {
                    // The file first: whoever else looks meanwhile finds it locked.
                    if (IsFree(port))
                    {
                        Taken.Add(port, held);
                        return port;
                    }

                    held.Dispose();
                }
            }
        }
    }

    // The lock goes with the process, however it ends; the file stays, empty, for the next one.
    private static FileStream? Hold(int port)
    {
        try
        {
            return new FileStream(Path.Combine(Folder, $"{port}"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null; // another process has it
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using TcpListener listener = new(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
