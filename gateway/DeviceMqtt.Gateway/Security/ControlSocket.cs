using System.Net.Sockets;
using System.Text;
using DeviceMqtt.Gateway.Observability;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// The Unix domain socket by which the command line reaches a gateway that runs: <c>control/gateway.sock</c> in the data folder. The folder
/// has mode 700 and the socket 600, so whoever can connect needs no password.
/// </summary>
internal static class ControlSocket
{
    private const string Folder = "control";
    private const string Name = "gateway.sock";
    private const string OrdersName = "command.sock"; // as long as the other
    private const int PathBytesMax = 107; // sun_path of struct sockaddr_un, unix(7), without the zero at its end

    /// <summary>Where it is for a data folder.</summary>
    public static string PathIn(string dataFolder) => Path.GetFullPath(Path.Combine(dataFolder, Folder, Name));

    /// <summary>Where the socket for orders is (<c>reload</c>, <c>backup</c>), which speaks no MQTT: only the command line has it.</summary>
    public static string OrdersPathIn(string dataFolder) => Path.GetFullPath(Path.Combine(dataFolder, Folder, OrdersName));

    /// <summary>The address to connect to.</summary>
    /// <exception cref="IOException">The path is longer than the address of a socket may be.</exception>
    public static UnixDomainSocketEndPoint EndPointIn(string dataFolder) => EndPointOf(PathIn(dataFolder));

    /// <inheritdoc cref="EndPointIn"/>
    public static UnixDomainSocketEndPoint OrdersEndPointIn(string dataFolder) => EndPointOf(OrdersPathIn(dataFolder));

    private static UnixDomainSocketEndPoint EndPointOf(string path)
    {
        return Fits(path) ? new UnixDomainSocketEndPoint(path) : throw new IOException($"'{path}' is too long for a socket, which takes {PathBytesMax} bytes: there is no command line for a gateway with this data folder");
    }

    /// <summary>Makes the folder, and removes what a gateway has left that was killed. Only for whoever has the lock of the data folder.</summary>
    /// <returns>Where to listen; null when the path is too long, which the log says.</returns>
    /// <exception cref="IOException">The folder cannot be made; so for the other.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder belongs to somebody else.</exception>
    public static UnixDomainSocketEndPoint? Prepare(string dataFolder, ILogger log) => PreparePath(PathIn(dataFolder), log);

    /// <summary>So for the socket of orders.</summary>
    public static UnixDomainSocketEndPoint? PrepareOrders(string dataFolder, ILogger log) => PreparePath(OrdersPathIn(dataFolder), log);

    private static UnixDomainSocketEndPoint? PreparePath(string path, ILogger log)
    {
        if (!Fits(path))
        {
            log.ControlPathTooLong(path, PathBytesMax);
            return null;
        }

        PrivateFile.CreateOwnFolder(Path.GetDirectoryName(path)!);
        File.Delete(path);
        return new UnixDomainSocketEndPoint(path);
    }

    /// <summary>Mode 600 for the socket that was made. Until then its folder keeps others out.</summary>
    public static void Restrict(UnixDomainSocketEndPoint endPoint)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(endPoint.ToString(), UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static bool Fits(string path) => Encoding.UTF8.GetByteCount(path) <= PathBytesMax;
}
