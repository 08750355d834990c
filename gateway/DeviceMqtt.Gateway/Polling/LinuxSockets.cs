using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace DeviceMqtt.Gateway.Polling;

/// <summary>The system calls for sockets that are polled by one thread: epoll(7), accept4(2), recv(2), send(2). Linux only.</summary>
internal static partial class LinuxSockets
{
    public const int Again = 11; // EAGAIN: nothing there, or no room
    public const int Interrupted = 4; // EINTR
    public const int TooManyFiles = 24; // EMFILE
    public const int TooManyFilesOfAll = 23; // ENFILE
    public const int NoMemory = 12; // ENOMEM
    public const int NoBuffers = 105; // ENOBUFS

    public const uint In = 0x001;
    public const uint Urgent = 0x002; // EPOLLPRI
    public const uint Out = 0x004;
    public const uint Error = 0x008;
    public const uint HungUp = 0x010;
    public const uint PeerHungUp = 0x2000; // EPOLLRDHUP
    public const uint EdgeTriggered = 1u << 31;

    public const int Add = 1; // EPOLL_CTL_ADD
    public const int Change = 3; // EPOLL_CTL_MOD

    private const int LevelSocket = 1; // SOL_SOCKET
    private const int Linger = 13; // SO_LINGER
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int AcceptFlags = 0x800 | 0x80000; // SOCK_NONBLOCK | SOCK_CLOEXEC
    private const int CloseOnExec = 0x80000; // EPOLL_CLOEXEC, EFD_CLOEXEC
    private const int NonBlocking = 0x800; // EFD_NONBLOCK, O_NONBLOCK
    private const int SetFlags = 4; // F_SETFL
    private const int ShutWrite = 1; // SHUT_WR
    private const int ShutBoth = 2; // SHUT_RDWR
    private const nuint Unread = 0x541B; // FIONREAD
    private const int AddressBytesMax = 128; // struct sockaddr_storage
    private const int FamilyOfIPv4 = 2;
    private const int FamilyOfIPv6 = 10;

    // Of the processor that this runs on, asked once.
    private static readonly (int Bytes, int DataOffset) _event = EventOf(RuntimeInformation.ProcessArchitecture);

    /// <summary>Bytes of one event.</summary>
    public static int EventBytes => _event.Bytes;

    /// <summary><c>struct epoll_event</c>, which is packed on x86 alone (epoll_ctl(2)): how long it is, and where its data begins.</summary>
    public static (int Bytes, int DataOffset) EventOf(Architecture processor) => processor is Architecture.X64 or Architecture.X86 ? (12, 4) : (16, 8);

    /// <returns>What happened, and whom it was registered for.</returns>
    public static (uint Events, ulong Data) EventAt(ReadOnlySpan<byte> events, int index)
    {
        ReadOnlySpan<byte> one = events.Slice(index * EventBytes, EventBytes);
        return (MemoryMarshal.Read<uint>(one), MemoryMarshal.Read<ulong>(one[_event.DataOffset..]));
    }

    // As handles, and not as numbers: whoever rings late must not write into a file that has got the number since.

    /// <exception cref="SocketException">The process has no file left.</exception>
    public static SafeFileHandle CreatePoll() => Checked(CreatePoll(CloseOnExec));

    /// <exception cref="SocketException">The process has no file left.</exception>
    public static SafeFileHandle CreateAlarm() => Checked(CreateEvent(0, CloseOnExec | NonBlocking));

    public static void Ring(SafeFileHandle alarm)
    {
        ulong one = 1;
        _ = Write(alarm, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in one)), sizeof(ulong));
    }

    public static void Silence(SafeFileHandle alarm)
    {
        Span<byte> count = stackalloc byte[sizeof(ulong)];
        _ = Read(alarm, count, sizeof(ulong));
    }

    /// <exception cref="SocketException">The kernel has no memory, or as many are watched as may be.</exception>
    public static void Watch(SafeFileHandle poll, int operation, int socket, uint events, ulong data)
    {
        Span<byte> one = stackalloc byte[16];
        MemoryMarshal.Write(one, events);
        MemoryMarshal.Write(one[_event.DataOffset..], data);
        _ = Checked(Control(poll, operation, socket, one));
    }

    /// <summary>Waits for what happens next.</summary>
    /// <returns>How many events there are; 0 when the time is over.</returns>
    public static int Wait(SafeFileHandle poll, Span<byte> events, int timeoutMs)
    {
        int count = WaitFor(poll, events, events.Length / EventBytes, timeoutMs);
        return count >= 0 || Marshal.GetLastPInvokeError() == Interrupted ? Math.Max(0, count) : throw Failure();
    }

    /// <summary>Takes the next connection.</summary>
    /// <returns>Its socket, which does not block; below 0 the error.</returns>
    public static int Accept(int listener, out EndPoint? remote)
    {
        Span<byte> address = stackalloc byte[AddressBytesMax];
        int bytes = AddressBytesMax;
        int socket = Accept(listener, address, ref bytes, AcceptFlags);
        remote = socket < 0 ? null : Read(address[..Math.Min(bytes, AddressBytesMax)]);
        return socket < 0 ? -Marshal.GetLastPInvokeError() : socket;
    }

    /// <returns>How many bytes came; 0 at the end; below 0 the error.</returns>
    public static int Receive(int socket, Span<byte> into)
    {
        while (true)
        {
            nint bytes = Receive(socket, into, (nuint)into.Length, 0);
            if (bytes >= 0)
                return (int)bytes;
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                return -error;
        }
    }

    /// <returns>How many bytes the kernel took; below 0 the error.</returns>
    public static int Send(int socket, ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            nint taken = Send(socket, bytes, (nuint)bytes.Length, NoSignal);
            if (taken >= 0)
                return (int)taken;
            int error = Marshal.GetLastPInvokeError();
            if (error != Interrupted)
                return -error;
        }
    }

    /// <summary>Its close is a reset: what the kernel has still to send is forgotten at once.</summary>
    public static void ResetAtClose(int socket)
    {
        ReadOnlySpan<int> linger = [1, 0];
        _ = SetOption(socket, LevelSocket, Linger, MemoryMarshal.AsBytes(linger), 2 * sizeof(int));
    }

    public static void SetNonBlocking(int socket) => Checked(ControlFile(socket, SetFlags, NonBlocking));

    /// <summary>Nothing more is sent; the other side sees the end behind what was.</summary>
    public static void EndSending(int socket) => _ = Shutdown(socket, ShutWrite);

    /// <summary>Nothing more is sent or received, and whoever polls it is told.</summary>
    public static void End(int socket) => _ = Shutdown(socket, ShutBoth);

    public static void CloseFile(int file) => _ = Close(file);

    /// <summary>Bytes that have come and were not read.</summary>
    public static long BytesUnread(int socket)
    {
        int bytes = 0;
        return Control(socket, Unread, ref bytes) < 0 ? 0 : bytes;
    }

    /// <returns>How much of the option was read; below 0 when it was not.</returns>
    public static int ReadTcpOption(int socket, int option, Span<byte> into)
    {
        int bytes = into.Length;
        return GetOption(socket, TcpInfo.Level, option, into, ref bytes) < 0 ? -1 : bytes;
    }

    public static string TextOf(int error) => SocketErrorOf(error) is var known and not (int)SocketError.SocketError
        ? new SocketException(known).Message
        : $"{Marshal.GetPInvokeErrorMessage(error)} (error {error})";

    private static int SocketErrorOf(int error) => error switch
    {
        104 => (int)SocketError.ConnectionReset, // ECONNRESET
        32 => (int)SocketError.ConnectionReset, // EPIPE
        110 => (int)SocketError.TimedOut, // ETIMEDOUT
        113 => (int)SocketError.HostUnreachable, // EHOSTUNREACH
        101 => (int)SocketError.NetworkUnreachable, // ENETUNREACH
        TooManyFiles or TooManyFilesOfAll => (int)SocketError.TooManyOpenSockets,
        NoMemory or NoBuffers => (int)SocketError.NoBufferSpaceAvailable,
        _ => (int)SocketError.SocketError,
    };

    // Of struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)); null for a socket of this machine, which has none.
    private static IPEndPoint? Read(ReadOnlySpan<byte> address)
    {
        if (address.Length < 8)
            return null;
        int port = (address[2] << 8) | address[3];
        return MemoryMarshal.Read<ushort>(address) switch
        {
            FamilyOfIPv4 => new IPEndPoint(new IPAddress(MemoryMarshal.Read<uint>(address[4..])), port),
            FamilyOfIPv6 when address.Length >= 28 => new IPEndPoint(new IPAddress(address.Slice(8, 16), MemoryMarshal.Read<uint>(address[24..])), port),
            _ => null,
        };
    }

    private static int Checked(int result) => result >= 0 ? result : throw Failure();

    private static SafeFileHandle Checked(SafeFileHandle handle) => handle.IsInvalid ? throw Failure() : handle;

    private static SocketException Failure() => new(SocketErrorOf(Marshal.GetLastPInvokeError()));

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle CreatePoll(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeFileHandle poll, int operation, int file, Span<byte> oneEvent);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int WaitFor(SafeFileHandle poll, Span<byte> events, int eventsMax, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle CreateEvent(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(SafeFileHandle file, ReadOnlySpan<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(SafeFileHandle file, Span<byte> bytes, nuint count);

    [LibraryImport("libc", EntryPoint = "accept4", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Accept(int listener, Span<byte> address, ref int addressBytes, int flags);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Receive(int socket, Span<byte> bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "send", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Send(int socket, ReadOnlySpan<byte> bytes, nuint count, int flags);

    [LibraryImport("libc", EntryPoint = "shutdown", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Shutdown(int socket, int how);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int file);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int file, nuint request, ref int value);

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int ControlFile(int file, int command, int value);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(int socket, int level, int option, ReadOnlySpan<byte> value, int bytes);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetOption(int socket, int level, int option, Span<byte> value, ref int bytes);
}
