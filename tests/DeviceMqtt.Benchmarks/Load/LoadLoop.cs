using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>
/// One thread, one epoll set, no allocation once it runs. Every socket of a load is in here; the buffers for receiving and for
/// acknowledgements are shared by all, since one socket is handled at a time.
/// </summary>
internal sealed unsafe class LoadLoop : IDisposable
{
    /// <summary>Fits the second-level cache with room to spare; 64 to 256 KB measure the same.</summary>
    public const int BufferBytes = 128 * 1024;

    private const int EventsMax = 256;

    // struct epoll_event is packed on x64 (4 + 8 bytes) and padded everywhere else (4 + 4 + 8).
    private static readonly int EventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int EventDataOffset = EventBytes - 8;

    private readonly int _epoll;
    private readonly byte* _events;
    private LoadSocket?[] _socketByFd = new LoadSocket?[1024];

    public LoadLoop()
    {
        _epoll = Libc.EpollCreate(Libc.EpollCloseOnExec);
        if (_epoll < 0)
            throw new Win32Exception();
        _events = (byte*)NativeMemory.Alloc((nuint)(EventsMax * EventBytes));
        ReceiveBuffer = (byte*)NativeMemory.Alloc(BufferBytes);
        AckBuffer = (byte*)NativeMemory.Alloc(BufferBytes);
    }

    public byte* ReceiveBuffer { get; }

    public byte* AckBuffer { get; }

    /// <summary>Connections that ended although nobody here asked for it, and why the first of them did.</summary>
    public int ClosedCount { get; private set; }

    public string? FirstCloseReason { get; private set; }

    public void Watch(LoadSocket socket, uint interest, bool isNew)
    {
        int fd = socket.Fd;
        if (fd >= _socketByFd.Length)
            Array.Resize(ref _socketByFd, Math.Max(fd + 1, _socketByFd.Length * 2));
        _socketByFd[fd] = socket;
        byte* change = stackalloc byte[16];
        *(uint*)change = interest;
        *(long*)(change + EventDataOffset) = fd;
        if (Libc.EpollControl(_epoll, isNew ? Libc.EpollAdd : Libc.EpollModify, fd, change) != 0)
            throw new Win32Exception();
    }

    public void Closed(LoadSocket socket)
    {
        ClosedCount++;
        FirstCloseReason ??= socket.CloseReason;
    }

    /// <summary>Handles what is ready, waiting up to <paramref name="timeoutMs"/> for the first of it (0: not at all, -1: for ever).</summary>
    public void Poll(int timeoutMs)
    {
        int count = Libc.EpollWait(_epoll, _events, EventsMax, timeoutMs);
        for (int i = 0; i < count; i++)
        {
            byte* epollEvent = _events + (i * EventBytes);
            LoadSocket socket = _socketByFd[(int)*(long*)(epollEvent + EventDataOffset)]!;
            uint happened = *(uint*)epollEvent;
            if (socket.Fd >= 0 && (happened & (Libc.EpollIn | Libc.EpollError | Libc.EpollHangUp)) != 0)
                socket.OnReadable();
            if ((happened & Libc.EpollOut) != 0 && socket.Fd >= 0)
                socket.OnWritable();
        }
    }

    /// <summary>It looks again and again and never sleeps. To wake a core that sleeps costs whoever sends: several microseconds for each message on a virtual machine.</summary>
    public bool IsAwake { get; set; }

    public void RunFor(double seconds) => RunUntil(static () => false, seconds);

    /// <summary>Runs until <paramref name="isDone"/>, asked after each round of events; false when the time was over first.</summary>
    public bool RunUntil(Func<bool> isDone, double secondsMax)
    {
        long deadline = Stopwatch.GetTimestamp() + (long)(secondsMax * Stopwatch.Frequency);
        while (!isDone())
        {
            double leftMs = (deadline - Stopwatch.GetTimestamp()) * 1000.0 / Stopwatch.Frequency;
            if (leftMs <= 0)
                return false;
            Poll(IsAwake ? 0 : Math.Min(10, (int)Math.Ceiling(leftMs)));
        }
        return true;
    }

    /// <summary>Closes every socket; the loop is of no use afterwards.</summary>
    public void Dispose()
    {
        foreach (LoadSocket? socket in _socketByFd)
        {
            socket?.Close("end of the load");
            (socket as IDisposable)?.Dispose();
        }
        _ = Libc.Close(_epoll);
        NativeMemory.Free(_events);
        NativeMemory.Free(ReceiveBuffer);
        NativeMemory.Free(AckBuffer);
    }
}
