using DeviceMqtt.Benchmarks.Load;

namespace DeviceMqtt.Benchmarks.Ceiling;

/// <summary>Accepts the connections of the null broker.</summary>
internal sealed unsafe class NullListener(LoadLoop loop, int fd, NullBroker broker) : LoadSocket(loop, fd)
{
    public override void OnReadable()
    {
        while (Libc.Accept(Fd, null, null, Libc.SocketNonBlocking | Libc.SocketCloseOnExec) is var accepted && accepted >= 0)
        {
            LoopbackSocket.SetOption(accepted, Libc.LevelTcp, Libc.OptionNoDelay, 1);
            new NullConnection(Loop, accepted, broker).Start(Libc.EpollIn);
        }
    }
}
