using System.ComponentModel;
using System.Runtime.InteropServices;

namespace DeviceMqtt.Benchmarks.Load;

/// <summary>A non-blocking loopback socket in a <see cref="LoadLoop"/>.</summary>
internal abstract unsafe class LoadSocket
{
    /// <summary>Nothing can be sent or received just now.</summary>
    protected const int WouldBlock = -1;

    /// <summary>The other side is gone; <see cref="CloseReason"/> says how.</summary>
    protected const int Gone = 0;

    private uint _interest;

    protected LoadSocket(LoadLoop loop, int fd)
    {
        Loop = loop;
        Fd = fd;
    }

    public int Fd { get; private set; }

    /// <summary>How the connection ended, or null while it is open.</summary>
    public string? CloseReason { get; private set; }

    protected LoadLoop Loop { get; }

    public abstract void OnReadable();

    public virtual void OnWritable()
    {
    }

    /// <summary>What epoll reports for this socket (level-triggered). A system call only when it changes.</summary>
    public void Want(uint interest)
    {
        if (interest == _interest || Fd < 0)
            return;
        Loop.Watch(this, interest, isNew: false);
        _interest = interest;
    }

    public void Start(uint interest)
    {
        _interest = interest;
        Loop.Watch(this, interest, isNew: true);
    }

    public void Close(string reason)
    {
        if (Fd < 0)
            return;
        CloseReason = reason;
        Leave();
        Loop.Closed(this);
    }

    /// <summary>Closes it as part of the load, so that nobody counts it as a connection that was lost.</summary>
    public void Leave()
    {
        if (Fd < 0)
            return;
        _ = Libc.Close(Fd); // closing takes it out of the epoll set as well
        Fd = -1;
    }

    protected int Receive(byte* buffer, int bytes)
    {
        nint count = Libc.Receive(Fd, buffer, bytes, Libc.MessageDontWait);
        return count > 0 ? (int)count : Failed(count);
    }

    /// <param name="buffer">What to send.</param>
    /// <param name="bytes">How much of it.</param>
    /// <param name="flags">Of the system, beyond those that every send here has.</param>
    protected int Send(byte* buffer, int bytes, int flags = 0)
    {
        nint count = Libc.Send(Fd, buffer, bytes, Libc.MessageDontWait | Libc.MessageNoSignal | flags);
        return count > 0 ? (int)count : Failed(count);
    }

    private int Failed(nint result)
    {
        int error = result == 0 ? 0 : Marshal.GetLastPInvokeError();
        if (error is Libc.ErrorAgain or Libc.ErrorInterrupted)
            return WouldBlock;
        Close(error == 0 ? "closed by the broker" : new Win32Exception(error).Message);
        return Gone;
    }
}
