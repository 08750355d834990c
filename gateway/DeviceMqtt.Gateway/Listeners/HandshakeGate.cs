using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Runtime.InteropServices;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Lets TLS handshakes begin, so that they stop nobody else. Runs before Kestrel's own part.
/// <list type="bullet">
/// <item>So many are under way at once (<see cref="GatewayLimits.HandshakesMax"/>, and never more than <see cref="GatewayLimits.ConnectionsMax"/>), a quarter of them from one address, and half of them from the neighbours of one IPv6 network (<see cref="AddressKey.IsNeighbour"/>). Whoever
/// comes then is closed before anything is worked out for it, if its address has its share. Otherwise one ends for it that has sent nothing whole, or whose address has more: of the address
/// that has most, the oldest.</item>
/// <item>For MQTT none begins while as many clients are connected as may be. Connections without a CONNECT stop none: the broker ends one of them for the newcomer. Those of HTTP
/// have a bound of their own (<see cref="HttpSeats"/>).</item>
/// <item>A handshake has its place for <see cref="GatewayLimits.HandshakeSecondsMax"/> at most.</item>
/// <item>The signature, which takes the processor a millisecond or ten, is worked out for a few at a time; the others wait, and addresses take turns. Waiting begins when
/// the whole ClientHello is here: who sends half of it holds up nobody. So it is with the second one of a client that the server has asked for another (<see cref="HandshakePipe"/>).</item>
/// </list>
/// Safe from any thread.
/// </summary>
/// <param name="limits">How many, how long.</param>
/// <param name="settled">How many clients are connected that the broker ends for no newcomer.</param>
/// <param name="time">For the waiting.</param>
/// <param name="lines">Where it is said what was refused, and why.</param>
internal sealed class HandshakeGate(GatewayLimits limits, Func<int> settled, TimeProvider time, HandshakeLines lines)
{
    private const int AddressShare = 4;
    private const int NetworkShare = 2;

    /// <summary>How many signatures are worked out at once. Chosen: half of the cores, for the broker's turn needs one.</summary>
    public static readonly int WorkAtOnce = Math.Max(1, Environment.ProcessorCount / 2);

    private readonly HandshakeTurns _work = new(WorkAtOnce);
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, int> _ofAddress = [];
    private readonly Dictionary<UInt128, int> _ofNetwork = []; // of neighbours
    private readonly LinkedList<Handshake> _all = new(); // in the order in which they came
    private int _underWay;

    // A limit may change while the gateway runs.
    private int Max => Math.Min(limits.HandshakesMax, limits.ConnectionsMax);

    private string MaxName => limits.ConnectionsMax < limits.HandshakesMax ? "Limits:ConnectionsMax" : "Limits:HandshakesMax";

    /// <summary>Handshakes that are under way.</summary>
    public int UnderWay => Volatile.Read(ref _underWay);

    /// <summary>A connection middleware: returns when the connection has ended.</summary>
    /// <param name="connection">Just accepted.</param>
    /// <param name="isHttp">It is to a listener for HTTP.</param>
    /// <param name="next">Works the handshake out, and serves the connection then. Calls <see cref="Handshake.Done"/> in between.</param>
    public async Task RunAsync(ConnectionContext connection, bool isHttp, ConnectionDelegate next)
    {
        EndPoint? remote = connection.RemoteEndPoint;
        UInt128 address = AddressKey.Of(remote);
        Handshake handshake = new(this, address, connection);
        (string? refusal, Handshake? gone) = TryEnter(handshake, isHttp);
        if (refusal is not null)
        {
            lines.Refused(remote, refusal);
            connection.Abort();
            return;
        }

        if (gone is not null)
        {
            lines.Refused(gone.Remote, $"its TLS handshake was ended for another one: {Max} are under way ({MaxName})");
            gone.GiveUp();
        }

        try
        {
            if (await BeginAsync(connection, handshake, isHttp) is not (> 0 and long helloBytes))
                return;
            connection.Transport = new HandshakePipe(connection.Transport, helloBytes, handshake.Worked, handshake.WorkAsync);
            connection.Features.Set(handshake);
            Handshake.Current = handshake;
            await next(connection);
            if (!handshake.IsDone)
                lines.Failed(remote, HandshakeText.Of(handshake.Failure, limits.HandshakeSecondsMax));
        }
        finally
        {
            handshake.End();
        }
    }

    /// <summary>Completes when a signature may be worked out for that address.</summary>
    public Task WorkAsync(UInt128 address, CancellationToken patience) => _work.WaitAsync(address, patience);

    /// <summary>A signature is worked out: the next may be.</summary>
    public void Worked() => _work.Release();

    /// <summary>A handshake is done, or has failed. More than once is as good as once.</summary>
    public void Leave(Handshake handshake)
    {
        lock (_lock)
        {
            if (handshake.Place is not { } place)
                return;
            handshake.Place = null;
            _all.Remove(place);
            _underWay--;
            Count(_ofAddress, handshake.Address, -1);
            if (AddressKey.IsNeighbour(handshake.Address))
                Count(_ofNetwork, AddressKey.NetworkOf(handshake.Address), -1);
        }
    }

    // Why there is no place, or who has to go for it.
    private (string? Refusal, Handshake? Gone) TryEnter(Handshake handshake, bool isHttp)
    {
        lock (_lock)
        {
            UInt128 address = handshake.Address;
            bool isNeighbour = AddressKey.IsNeighbour(address);
            UInt128 network = AddressKey.NetworkOf(address);
            int ofAddress = _ofAddress.GetValueOrDefault(address);
            if (ofAddress >= Math.Max(1, Max / AddressShare))
                return ($"{ofAddress} TLS handshakes of its address are under way, a quarter of {MaxName}", null);
            // Nothing is worked out for one that would be closed behind it.
            if (!isHttp && settled() >= limits.ConnectionsMax)
                return ($"Limits:ConnectionsMax is {limits.ConnectionsMax}", null);
            bool isNetworkFull = isNeighbour && _ofNetwork.GetValueOrDefault(network) >= Math.Max(1, Max / NetworkShare);
            Handshake? gone = null;
            if (isNetworkFull || _underWay >= Max)
            {
                gone = FindLeast(isNetworkFull ? network : null, ofAddress + 1);
                if (gone is null)
                    return ($"{_underWay} TLS handshakes are under way (Limits:HandshakesMax)", null);
                Leave(gone);
            }

            _underWay++;
            handshake.Place = _all.AddLast(handshake);
            Count(_ofAddress, address, 1);
            if (isNeighbour)
                Count(_ofNetwork, network, 1);
            return (null, gone);
        }
    }

    // Of the address that has most one that is not whole, and among equals the oldest; one that is worked on only where its address has more than the newcomer.
    private Handshake? FindLeast(UInt128? ofNetwork, int ofNewcomer)
    {
        Handshake? least = null;
        (int OfAddress, bool IsSilent) rank = default;
        foreach (Handshake handshake in _all)
        {
            (int OfAddress, bool IsSilent) its = (_ofAddress.GetValueOrDefault(handshake.Address), !handshake.HasHello);
            if ((ofNetwork is { } network && (!AddressKey.IsNeighbour(handshake.Address) || AddressKey.NetworkOf(handshake.Address) != network)) || (!its.IsSilent && its.OfAddress <= ofNewcomer))
                continue;
            if (least is null || its.CompareTo(rank) > 0)
                (least, rank) = (handshake, its);
        }

        return least;
    }

    private static void Count(Dictionary<UInt128, int> counts, UInt128 key, int more)
    {
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(counts, key, out _);
        count += more;
        if (count == 0)
            _ = counts.Remove(key);
    }

    // Until it may be worked on: the bytes of its ClientHello; 0 when the connection is of no use.
    private async Task<long> BeginAsync(ConnectionContext connection, Handshake handshake, bool isHttp)
    {
        CancellationToken stopping = Stopping.Of(connection);
        using CancellationTokenSource limit = new(TimeSpan.FromSeconds(limits.HandshakeSecondsMax), time);
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stopping);
        try
        {
            (string? wrong, bool isWithoutTls, long bytes) = await ReadHelloAsync(connection.Transport.Input, isHttp, timeout.Token);
            if (wrong is not null)
            {
                if (isWithoutTls)
                    lines.MixedUp(connection.RemoteEndPoint, isTls: false, wrong);
                else if (wrong.Length > 0)
                    lines.Failed(connection.RemoteEndPoint, wrong);
                connection.Abort();
                return 0;
            }

            handshake.HasHello = true;
            await handshake.WorkAsync(timeout.Token);
            return bytes;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The gateway stops, and does not wait for those who are not in.
        }
        catch (OperationCanceledException)
        {
            lines.Failed(connection.RemoteEndPoint, $"no handshake within {limits.HandshakeSecondsMax} s (Limits:HandshakeSecondsMax)");
        }
        catch (Exception exception) when (exception is IOException or ConnectionResetException)
        {
            // It is gone before it said anything.
        }

        connection.Abort();
        return 0;
    }

    /// <summary>Waits for the whole ClientHello, and leaves it where it is.</summary>
    /// <returns>Why it is no handshake, and whether it is MQTT or HTTP without one; empty when the client has gone; null when it is one, with its bytes.</returns>
    private static async Task<(string? Wrong, bool IsWithoutTls, long Bytes)> ReadHelloAsync(PipeReader input, bool isHttp, CancellationToken timeout)
    {
        while (true)
        {
            ReadResult result = await input.ReadAsync(timeout);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (!buffer.IsEmpty && buffer.FirstSpan[0] != FirstBytes.Handshake)
            {
                string words = FirstBytes.InsteadOfTls(buffer.FirstSpan, isHttp);
                bool isWithoutTls = FirstBytes.IsMqttOrHttp(buffer.FirstSpan);
                input.AdvanceTo(buffer.Start, buffer.End);
                return (words, isWithoutTls, 0);
            }

            ClientHello.Outcome outcome = ClientHello.Look(buffer, out long bytes);
            if (outcome == ClientHello.Outcome.Whole)
            {
                input.AdvanceTo(buffer.Start); // not looked at: whoever reads next has it at once
                return (null, false, bytes);
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (outcome == ClientHello.Outcome.Malformed)
                return ("what came is no ClientHello", false, 0);
            if (result.IsCompleted)
                return (buffer.IsEmpty ? "" : "the client has gone in the middle of its ClientHello", false, 0);
        }
    }
}
