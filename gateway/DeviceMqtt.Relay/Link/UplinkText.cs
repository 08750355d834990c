using System.Net.Sockets;

namespace DeviceMqtt.Relay.Link;

/// <summary>Failures of the network in words: the innermost cause knows them best.</summary>
internal static class UplinkText
{
    public static string Of(Exception exception)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
            if (cause is SocketException)
                return cause.Message;
        return exception.Message;
    }
}
