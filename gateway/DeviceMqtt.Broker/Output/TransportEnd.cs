using System.IO.Pipelines;
using System.Net.Sockets;

namespace DeviceMqtt.Broker.Output;

/// <summary>
/// A transport that is gone completes its pipe, with the error if there was one. What is written from there on goes nowhere; the read loop sees the same end and closes the connection with its reason.
/// </summary>
internal static class TransportEnd
{
    /// <summary>A flush has ended, and the transport is gone.</summary>
    public static async Task<bool> HasComeAsync(ValueTask<FlushResult> flush)
    {
        try
        {
            return (await flush).IsCompleted;
        }
        catch (Exception exception) when (Is(exception))
        {
            return true;
        }
    }

    /// <summary>It says that the transport is gone, and is no fault of the gateway.</summary>
    public static bool Is(Exception exception) => exception is IOException or OperationCanceledException or SocketException;
}
