using System.Net.Sockets;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>How a command reaches the gateway that runs: by the socket in its data folder, which needs no password, or by an address.</summary>
internal sealed class GatewayDoor
{
    private readonly string _dataFolder = "";
    private readonly UpstreamAddress? _address;

    private GatewayDoor(string dataFolder) => _dataFolder = dataFolder;

    private GatewayDoor(UpstreamAddress address) => _address = address;

    /// <summary>Null for none: by the socket nobody asks for it.</summary>
    public string? UserName => _address?.UserName;

    public byte[]? PasswordUtf8 => _address?.PasswordUtf8;

    /// <summary>The address with user and password; of a gateway that is reached by its socket, one without either.</summary>
    public Uri ToUri() => new(UserName is null
        ? "mqtt://localhost"
        : $"mqtt://{Uri.EscapeDataString(UserName)}:{Uri.EscapeDataString(System.Text.Encoding.UTF8.GetString(PasswordUtf8 ?? []))}@localhost");

    /// <summary>The gateway that runs with this data folder.</summary>
    public static GatewayDoor In(string dataFolder) => new(dataFolder);

    /// <summary>The gateway at an address, with user and password.</summary>
    public static GatewayDoor At(UpstreamAddress address) => new(address);

    /// <exception cref="UplinkException">Nobody answers there; says where and why.</exception>
    /// <exception cref="OperationCanceledException">Nothing answered in time.</exception>
    public async Task<Stream> DialAsync(CancellationToken cancellation)
    {
        if (_address is not null)
            return await new UpstreamDialer(_address).DialAsync(cancellation);
        Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(ControlSocket.EndPointIn(_dataFolder), cancellation);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch (Exception exception) when (exception is SocketException or IOException)
        {
            socket.Dispose();
            throw new UplinkException(UplinkEndReason.Refused, Explain(exception), exception);
        }
        catch (OperationCanceledException)
        {
            socket.Dispose();
            throw;
        }
    }

    // No file, or one that a killed gateway has left; or the gateway of another account.
    private string Explain(Exception exception) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.AccessDenied } => $"the gateway with the data folder '{_dataFolder}' runs under another account",
        SocketException => $"no gateway runs with the data folder '{_dataFolder}' (--data)",
        _ => exception.Message,
    };
}
