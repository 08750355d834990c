using System.Net;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>One TLS handshake that is under way: its place among those of its address, and among those that are worked on. Safe from any thread.</summary>
internal sealed class Handshake(HandshakeGate gate, UInt128 address, ConnectionContext connection)
{
    private static readonly AsyncLocal<Handshake?> Flowing = new();
    private int _isWorking;
    private int _isUnderWay = 1;
    private bool _hasHello;

    /// <summary>That of the connection whose code runs: what Kestrel says of it finds it here.</summary>
    public static Handshake? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    /// <summary>Whose it is (<see cref="Security.AddressKey"/>).</summary>
    public UInt128 Address => address;

    public EndPoint? Remote => connection.RemoteEndPoint;

    /// <summary>Its place among all; null when it is not under way. The gate's, under its lock.</summary>
    public LinkedListNode<Handshake>? Place { get; set; }

    /// <summary>The whole ClientHello is here.</summary>
    public bool HasHello { get => Volatile.Read(ref _hasHello); set => Volatile.Write(ref _hasHello, value); }

    /// <summary>Why it failed, once Kestrel has said it.</summary>
    public Exception? Failure { get; set; }

    /// <summary>The connection is secure.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Waits until it may take the processor's time.</summary>
    public async Task WorkAsync(CancellationToken patience)
    {
        await gate.WorkAsync(address, patience);
        _ = Interlocked.Exchange(ref _isWorking, 1);
        // The connection has ended meanwhile.
        if (Volatile.Read(ref _isUnderWay) == 0)
            Worked();
    }

    /// <summary>What takes the processor's time is done.</summary>
    public void Worked()
    {
        if (Interlocked.Exchange(ref _isWorking, 0) == 1)
            gate.Worked();
    }

    public void Done()
    {
        IsDone = true;
        End();
    }

    /// <summary>Done or failed: the place is free. More than once is as good as once.</summary>
    public void End()
    {
        bool wasUnderWay = Interlocked.Exchange(ref _isUnderWay, 0) == 1;
        Worked(); // behind it: whoever gets its turn right now sees that it is over
        if (wasUnderWay)
            gate.Leave(this);
    }

    /// <summary>Another one has its place.</summary>
    public void GiveUp() => connection.Abort(new ConnectionAbortedException("its place was given to another"));
}
