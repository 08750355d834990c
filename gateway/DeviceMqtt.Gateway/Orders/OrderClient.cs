using System.Globalization;
using System.Net.Sockets;
using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Orders;

/// <summary>Gives an order to the gateway that runs with a data folder.</summary>
internal static class OrderClient
{
    /// <summary>What the gateway may take for an answer. Chosen: it hashes no password and waits for no client for it.</summary>
    public static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);

    /// <exception cref="IOException">No gateway runs with it, or that of another account; says which.</exception>
    public static async Task<OrderLine> ConnectAsync(string dataFolder, CancellationToken cancellation)
    {
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(ControlSocket.OrdersEndPointIn(dataFolder), cancellation);
            return new OrderLine(socket);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw exception.SocketErrorCode == SocketError.AccessDenied
                ? new IOException($"the gateway with the data folder '{dataFolder}' runs under another account", exception)
                : new NoGatewayException($"no gateway runs with the data folder '{dataFolder}' (--data)", exception);
        }
        catch (Exception)
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Says the word, and waits for the answer.</summary>
    /// <exception cref="IOException">It went away, or does not answer.</exception>
    public static async Task<OrderAnswer> AskAsync(OrderLine line, string word, CancellationToken cancellation)
    {
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(AnswerPatience);
        try
        {
            await line.WriteAsync(word, patience.Token);
            return await ReadAsync(line, patience.Token);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException($"the gateway did not answer within {AnswerPatience.TotalSeconds} s", exception);
        }
    }

    private static async Task<OrderAnswer> ReadAsync(OrderLine line, CancellationToken cancellation)
    {
        string code = await line.ReadAsync(cancellation) ?? throw new IOException("the gateway stopped before it answered");
        List<string> lines = [];
        while (await line.ReadAsync(cancellation) is { Length: > 0 } text)
            lines.Add(text);
        return new OrderAnswer(int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out int exitCode) ? exitCode : throw new IOException("what answers there is no gateway"), lines);
    }
}
