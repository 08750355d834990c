using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>Makes TCP sockets on 127.0.0.1.</summary>
internal static unsafe class LoopbackSocket
{
    private const int AddressBytes = 16;
    private const int SourcesMax = 250;

    /// <summary>Waits for the connection, or returns -1 when nobody listens (yet).</summary>
    public static int TryConnect(int port)
    {
        int fd = Open(0);
        byte* address = stackalloc byte[AddressBytes];
        FillAddress(address, port);
        if (Libc.Connect(fd, address, AddressBytes) == 0)
            return fd;
        _ = Libc.Close(fd);
        return -1;
    }

    /// <summary>Returns at once; the socket becomes writable when it is connected.</summary>
    /// <param name="port">Where to.</param>
    /// <param name="source">
    /// Which of the machine's 250 addresses 127.0.0.x it comes from, in turn: one address has 28,000 ports, and each is taken for a minute after its connection.
    /// </param>
    /// <param name="isAtOnce">With TCP_NODELAY: a system call that who never sends twice in a row can do without.</param>
    public static int BeginConnect(int port, int source = 0, bool isAtOnce = true)
    {
        int fd = Open(Libc.SocketNonBlocking, isAtOnce);
        byte* address = stackalloc byte[AddressBytes];
        if (source > 0)
        {
            SetOption(fd, Libc.LevelIP, Libc.OptionBindAddressNoPort, 1);
            FillAddress(address, 0);
            address[7] = (byte)(1 + (source % SourcesMax));
            if (Libc.Bind(fd, address, AddressBytes) != 0)
                throw new Win32Exception();
        }
        FillAddress(address, port);
        if (Libc.Connect(fd, address, AddressBytes) != 0 && Marshal.GetLastPInvokeError() != Libc.ErrorInProgress)
            throw new Win32Exception();
        return fd;
    }

    public static int Listen(int port)
    {
        int fd = Open(Libc.SocketNonBlocking);
        SetOption(fd, Libc.LevelSocket, Libc.OptionReuseAddress, 1);
        byte* address = stackalloc byte[AddressBytes];
        FillAddress(address, port);
        if (Libc.Bind(fd, address, AddressBytes) != 0 || Libc.Listen(fd, 4096) != 0)
            throw new Win32Exception();
        return fd;
    }

    public static void SetOption(int fd, int level, int option, int value)
    {
        if (Libc.SetSocketOption(fd, level, option, &value, sizeof(int)) != 0)
            throw new Win32Exception();
    }

    private static int Open(int flags, bool isAtOnce = true)
    {
        int fd = Libc.Socket(Libc.AddressFamilyInet, Libc.SocketStream | Libc.SocketCloseOnExec | flags, 0);
        if (fd < 0)
            throw new Win32Exception();
        if (isAtOnce)
            SetOption(fd, Libc.LevelTcp, Libc.OptionNoDelay, 1);
        return fd;
    }

    // struct sockaddr_in: family in the machine's byte order, port and address in the network's.
    private static void FillAddress(byte* address, int port)
    {
        new Span<byte>(address, AddressBytes).Clear();
        *(ushort*)address = Libc.AddressFamilyInet;
        address[2] = (byte)(port >> 8);
        address[3] = (byte)port;
        address[4] = 127;
        address[7] = 1;
    }
}
