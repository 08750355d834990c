using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Wire;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary>People of the console, keys of the API, and boards that are let in.</summary>
internal sealed class UsersApi(ConsoleSource source, Accounts accounts, SessionStore sessions)
{
    private const int SsidBytesMax = 32; // IEEE 802.11, section 9.4.2.2
    private const int WifiPasswordCharsMax = 63; // WPA2 passphrase

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/").WithTags("Users");
        group.MapGet("/users", List).WithMetadata(Needs.ToChange).WithSummary("Who may get in").Produces<GatewayShapes.Users>();
        group.MapPut("/users", SetUser).WithMetadata(Needs.ToChange).WithSummary("Add a person, or give one another password or role").Produces<GatewayShapes.Done>();
        group.MapDelete("/users/{name}", RemoveUser).WithMetadata(Needs.ToChange).WithSummary("Remove a person").Produces<GatewayShapes.Done>();
        group.MapPost("/keys", AddKey).WithMetadata(Needs.ToChange).WithSummary("Make an API key; it is shown once").Produces<GatewayShapes.MadeKey>();
        group.MapDelete("/keys/{name}", RemoveKey).WithMetadata(Needs.ToChange).WithSummary("Remove an API key").Produces<GatewayShapes.Done>();
        group.MapPost("/provision", Provision).WithMetadata(Needs.ToChange).WithSummary("Let a board in, and get the file that is flashed onto it").Produces<DeviceShapes.Provisioned>();
        group.MapDelete("/provision/{name}", RemoveDevice).WithMetadata(Needs.ToChange).WithSummary("Let a board in no more").Produces<GatewayShapes.Done>();
    }

    private Answer<GatewayShapes.Users> List()
    {
        ILookup<string, ConsoleSession> seats = sessions.All().ToLookup(static s => s.User, StringComparer.Ordinal);
        IEnumerable<GatewayShapes.User> ofSettings = source.Options.Security.Roles
            .Where(r => Security.Rights.Roles.Operator.Equals(r.Value, StringComparison.OrdinalIgnoreCase) && source.Options.Security.Users.ContainsKey(r.Key))
            .Select(r => new GatewayShapes.User(r.Key, "operator", 0, "settings", Seats(seats[r.Key])));
        return new Answer<GatewayShapes.Users>(
            new GatewayShapes.Users(
                accounts.File.IsKept, [.. ofSettings, .. accounts.File.Users.Select(u => Describe(u, Seats(seats[u.Name])))], [.. accounts.File.Keys.Select(static k => Describe(k, []))],
                source.DeviceUsers is { } users ? [.. users.Users.Keys.Order(StringComparer.Ordinal)] : [], source.Options.Security.AllowAnonymous),
            ApiJson.Default.Users);
    }

    private static GatewayShapes.User Describe(ConsoleUser user, IReadOnlyList<GatewayShapes.Seat> seats) => new(user.Name, user.Role.ToString().ToLowerInvariant(), user.CreatedUnixMs, "console", seats);

    private static IReadOnlyList<GatewayShapes.Seat> Seats(IEnumerable<ConsoleSession> ofUser) => [.. ofUser.Select(static s => new GatewayShapes.Seat(s.Address, s.SinceUnixMs, s.LastUnixMs))];

    private IResult SetUser([FromBody] GatewayShapes.NewUser user, HttpContext context)
    {
        if (!Enum.TryParse(user.Role, ignoreCase: true, out ConsoleRole role) || !Enum.IsDefined(role))
            return Problem.Wrong("'role' is monitor or operator");
        if (role != ConsoleRole.Operator && IsLastOperator(user.Name ?? ""))
            return Problem.Wrong("this is the only operator: make another one first");
        if (accounts.SetUser(user.Name ?? "", role, user.Password ?? "") is { } wrong)
            return Problem.Wrong(wrong);
        // Whoever was logged in with the old password is out; the one who changes the own one stays.
        if (Caller.Of(context).Name != user.Name)
            sessions.EndAllOf(user.Name!);
        return Done($"{user.Name} may log in as {role.ToString().ToLowerInvariant()}");
    }

    private IResult RemoveUser(string name)
    {
        if (IsLastOperator(name))
            return Problem.Wrong("this is the only operator: make another one first");
        if (accounts.File.RemoveUser(name) is { } wrong)
            return Problem.Wrong(wrong);
        sessions.EndAllOf(name);
        return Done($"{name} may not log in any more");
    }

    private bool IsLastOperator(string name)
    {
        List<ConsoleUser> operators = [.. accounts.File.Users.Where(static u => u.Role == ConsoleRole.Operator)];
        return operators.Count == 1 && operators[0].Name == name;
    }

    private IResult AddKey([FromBody] GatewayShapes.NewKey key)
    {
        if (!Enum.TryParse(key.Role, ignoreCase: true, out ConsoleRole role) || !Enum.IsDefined(role))
            return Problem.Wrong("'role' is monitor or operator");
        (string? made, string? wrong) = accounts.AddKey(key.Name ?? "", role);
        return made is null ? Problem.Wrong(wrong!) : new Answer<GatewayShapes.MadeKey>(new GatewayShapes.MadeKey(key.Name!, made), ApiJson.Default.MadeKey);
    }

    private IResult RemoveKey(string name) => accounts.File.RemoveKey(name) is { } wrong ? Problem.Wrong(wrong) : Done($"the key {name} is of no use any more");

    private IResult Provision([FromBody] DeviceShapes.NewDevice device)
    {
        if (source.DeviceUsers is not { } users)
            return Problem.Wrong("this gateway keeps nothing (Data is none): a board that is added would be gone with the next start");
        string name = device.Name ?? "";
        string group = string.IsNullOrEmpty(device.Group) ? "GID_home" : device.Group.StartsWith("GID_", StringComparison.Ordinal) ? device.Group : "GID_" + device.Group;
        string clientId = $"{group}{RelayOptions.GroupSeparator}{name}";
        if (!DeviceTopic.IsName(name) || !ClientId.IsAddressable(clientId) || DeviceTopic.BuildInfo(DeviceTopic.DefaultPrefix, name).Length > WireLimits.TopicCharsMax)
            return Problem.Wrong("a name is one topic level: without / + # and $ in front, and not too long");
        if (!DeviceBoards.Names.Contains(device.Board))
            return Problem.Wrong($"'board' is one of {string.Join(", ", DeviceBoards.Names)}");
        if (System.Text.Encoding.UTF8.GetByteCount(device.Ssid ?? "") is 0 or > SsidBytesMax)
            return Problem.Wrong($"the name of a Wi-Fi network has 1 to {SsidBytesMax} bytes");
        if (device.WifiPassword is { Length: > WifiPasswordCharsMax or (> 0 and < 8) })
            return Problem.Wrong($"the password of a Wi-Fi network has 8 to {WifiPasswordCharsMax} characters");
        if (users.Users.ContainsKey(name) && !device.Replace)
            return Problem.Wrong($"there is a device '{name}': take another name, or say that it is to get a new password");
        string? host = string.IsNullOrEmpty(device.Host) ? HostAddress.Find() : device.Host;
        if (host is null)
            return Problem.Wrong("this machine is on no network: say by which address the board finds it");
        return WriteFiles(users, device, name, clientId, host);
    }

    private IResult WriteFiles(UserFile users, DeviceShapes.NewDevice device, string name, string clientId, string host)
    {
        string password = DeviceFolder.NewPassword();
        DeviceSettings settings = new()
        {
            ClientId = clientId,
            Board = device.Board,
            Host = host,
            Port = device.Port is > 0 and <= ushort.MaxValue ? device.Port.Value : UpstreamAddress.PlainPort,
            UserName = name,
            Password = password,
            Ssid = device.Ssid!,
            WifiPassword = string.IsNullOrEmpty(device.WifiPassword) ? null : device.WifiPassword,
        };
        DeviceFolder folder = new(Path.Combine(source.Options.Data, "devices", name));
        try
        {
            folder.Write(settings, caCertificate: null);
            users.Set(name, PasswordHash.Create(password));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Problem.Wrong(exception.Message);
        }

        return new Answer<DeviceShapes.Provisioned>(
            new DeviceShapes.Provisioned(clientId, name, File.ReadAllText(Path.Combine(folder.Path, DeviceFolder.Settings)), DeviceFolder.Settings, $"firmware/flash.sh --device \"{folder.Path}\" --port /dev/ttyUSB0"), ApiJson.Default.Provisioned);
    }

    private IResult RemoveDevice(string name)
    {
        try
        {
            if (source.DeviceUsers?.Remove(name) != true)
                return Problem.NotFound("device that was added under that name");
            string folder = Path.Combine(source.Options.Data, "devices", name);
            if (DeviceTopic.IsName(name) && Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            return Done($"{name} gets in no more, from its next connection on");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            return Problem.Wrong(exception.Message);
        }
    }

    private static Answer<GatewayShapes.Done> Done(string text) => new(new GatewayShapes.Done(text), ApiJson.Default.Done);
}
