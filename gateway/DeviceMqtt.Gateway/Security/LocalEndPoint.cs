using System.Net;

namespace DeviceMqtt.Gateway.Security;

/// <summary>Where a client comes from that has connected to the gateway's own socket (<see cref="ControlSocket"/>): the account of the gateway, or root.</summary>
internal sealed class LocalEndPoint : EndPoint
{
    public static readonly LocalEndPoint Instance = new();

    private LocalEndPoint()
    {
    }

    public override string ToString() => "the command line";
}
