using System.IO.Pipelines;
using System.Net;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Security;
using Microsoft.AspNetCore.Connections;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Connections of trusted proxies to the listeners of MQTT: each begins with a PROXY header, which says for whom. From then on the client is where
/// the header says, and never local. A trusted proxy that sends none is refused, for the specification forbids to guess. Safe from any thread.
/// </summary>
internal sealed class ProxyHeaders(TrustedProxies trusted, GatewayLimits limits, TimeProvider time, HandshakeLines lines)
{
    private int _waiting;

    /// <summary>Reads the header of a connection, if it has to have one, and changes the connection's address to what it says.</summary>
    /// <returns>False when the connection is of no use; it is ended then.</returns>
    public ValueTask<bool> AdmitAsync(ConnectionContext connection) =>
        trusted.Contains(connection.RemoteEndPoint) ? ReadAsync(connection) : ValueTask.FromResult(true);

    private async ValueTask<bool> ReadAsync(ConnectionContext connection)
    {
        EndPoint? proxy = connection.RemoteEndPoint;
        try
        {
            if (Interlocked.Increment(ref _waiting) > limits.HandshakesMax)
                lines.Refused(proxy, $"{limits.HandshakesMax} connections of proxies have not said yet for whom they are (Limits:HandshakesMax)");
            else if (await ReadHeaderAsync(connection.Transport.Input) is { } header)
            {
                IPEndPoint client = header.Source ?? (IPEndPoint)proxy!;
                connection.RemoteEndPoint = new ClientEndPoint(client.Address, client.Port) { IsProxied = true };
                return true;
            }
            else
            {
                lines.Failed(proxy, "it is a trusted proxy (Security:TrustedProxies), and its connection does not begin with a PROXY header");
            }
        }
        catch (OperationCanceledException)
        {
            lines.Failed(proxy, $"it is a trusted proxy (Security:TrustedProxies), and sends no PROXY header within {limits.HandshakeSecondsMax} s (Limits:HandshakeSecondsMax)");
        }
        catch (Exception exception) when (exception is IOException or ConnectionResetException)
        {
            // It is gone before it said anything.
        }
        finally
        {
            _ = Interlocked.Decrement(ref _waiting);
        }

        connection.Abort();
        return false;
    }

    private async Task<ProxyHeader?> ReadHeaderAsync(PipeReader input)
    {
        using CancellationTokenSource timeout = new(TimeSpan.FromSeconds(limits.HandshakeSecondsMax), time);
        while (true)
        {
            ReadResult result = await input.ReadAsync(timeout.Token);
            ProxyHeader.Outcome outcome = ProxyHeader.TryRead(result.Buffer, out ProxyHeader header, out int bytes);
            if (outcome == ProxyHeader.Outcome.Found)
            {
                input.AdvanceTo(result.Buffer.GetPosition(bytes)); // What comes behind it is not looked at.
                return header;
            }

            input.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (outcome == ProxyHeader.Outcome.Malformed || result.IsCompleted)
                return null;
        }
    }
}
