using System.Net;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>The place of one HTTP connection, and what is known of whoever has it. Belongs to <see cref="HttpSeats"/>, under its lock.</summary>
/// <param name="connection">Just accepted.</param>
/// <param name="address">Of its client (<see cref="Security.AddressKey"/>).</param>
/// <param name="network">Of that address.</param>
/// <param name="isProxied">A trusted proxy, which has many behind it: its connections are no crowd.</param>
/// <param name="nowMs">In running time.</param>
internal sealed class HttpSeat(ConnectionContext connection, UInt128 address, UInt128 network, bool isProxied, long nowMs)
{
    public UInt128 Address => address;

    public UInt128 Network => network;

    public bool IsProxied => isProxied;

    public EndPoint? Remote => connection.RemoteEndPoint;

    /// <summary>Whose the last request was that said who it is: a user who is logged in, or a key; null for a stranger.</summary>
    public string? User { get; set; }

    /// <summary>Somebody is logged in here, or has a key.</summary>
    public bool IsIn => User is not null;

    /// <summary>It is an operator.</summary>
    public bool IsOperator { get; set; }

    /// <summary>Requests that are being answered: an open stream is one.</summary>
    public int UnderWay { get; set; }

    /// <summary>Since when nothing was asked or answered.</summary>
    public long QuietSinceMs { get; set; } = nowMs;

    /// <summary>It counts no more: a WebSocket, thrown out, or at its end.</summary>
    public bool HasLeft { get; set; }

    /// <summary>It was thrown out, and has not ended yet.</summary>
    public bool IsThrownOut { get; set; }

    public void Close() => connection.Abort(new ConnectionAbortedException("its place was given to another"));
}
