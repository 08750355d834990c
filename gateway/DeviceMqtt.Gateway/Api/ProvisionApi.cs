using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;
using DeviceMqtt.Relay.Settings;
using DeviceMqtt.Wire;
using Microsoft.AspNetCore.Mvc;

namespace DeviceMqtt.Gateway.Api;

/// <summary>Boards that are let in, as <c>device add</c>, <c>rotate</c> and <c>remove</c> do it.</summary>
internal sealed class ProvisionApi(ConsoleSource source, Accounts accounts)
{
    private const int SsidBytesMax = 32; // IEEE 802.11, section 9.4.2.2
    private const int WifiPasswordCharsMax = 63; // WPA2 passphrase
    private const string GroupMark = "GID_";

    public void Map(IEndpointRouteBuilder api)
    {
        RouteGroupBuilder group = api.MapGroup("/provision").WithTags("Users");
        group.MapPost("/", Add).WithMetadata(Needs.ToChange, BodyMax.Words).WithSummary("Let a board in, and get the file that is flashed onto it").Produces<DeviceShapes.Provisioned>();
        group.MapPost("/{name}/rotate", Rotate).WithMetadata(Needs.ToChange).WithSummary("Give a board another password: it is out until it is flashed").Produces<DeviceShapes.Provisioned>();
        group.MapDelete("/{name}", Remove).WithMetadata(Needs.ToChange).WithSummary("Let a board in no more").Produces<GatewayShapes.Done>();
    }

    private IResult Add([FromBody] DeviceShapes.NewDevice device, HttpContext context)
    {
        if (!source.Options.KeepsData)
            return Problem.Wrong("this gateway keeps nothing (Data is none): a board that is added would be gone with the next start");
        string name = device.Name ?? "";
        string clientId = $"{GroupOf(device)}{RelayOptions.GroupSeparator}{name}";
        if (DeviceAdmission.CheckName(name, clientId) is { } wrongName)
            return Problem.Wrong(wrongName);
        if (!DeviceBoards.Names.Contains(device.Board))
            return Problem.Wrong($"'board' is one of {string.Join(", ", DeviceBoards.Names)}");
        if (System.Text.Encoding.UTF8.GetByteCount(device.Ssid ?? "") is 0 or > SsidBytesMax)
            return Problem.Wrong($"the name of a Wi-Fi network has 1 to {SsidBytesMax} bytes");
        if (device.WifiPassword is { Length: > WifiPasswordCharsMax or (> 0 and < 8) })
            return Problem.Wrong($"the password of a Wi-Fi network has 8 to {WifiPasswordCharsMax} characters");
        if (WhyNotAdd(accounts.Users.All, name, device.Replace) is { } taken)
            return Problem.Wrong(taken);
        string? host = string.IsNullOrEmpty(device.Host) ? HostAddress.Find() : device.Host;
        return host is null ? Problem.Wrong("this machine is on no network: say by which address the board finds it") : Try(() => Admit(device, name, clientId, host, context));
    }

    private IResult Admit(DeviceShapes.NewDevice device, string name, string clientId, string host, HttpContext context)
    {
        DeviceTls tls = new(source.Options);
        int port = device.Port ?? tls.Port;
        DeviceFolder folder = DeviceFolder.Of(source.Options.Data, name);
        DeviceAdmission admission = new(accounts.File, folder, tls);
        if ((admission.CheckFolder() ?? tls.Check(host, port)) is { } wrong)
            return Problem.Wrong(wrong);
        admission.Admit(new DeviceSettings
        {
            ClientId = clientId,
            Board = device.Board,
            Host = host,
            Port = port,
            IsTls = tls.CaCertificate is not null,
            UserName = name,
            Password = DeviceFolder.NewPassword(),
            Ssid = device.Ssid!,
            WifiPassword = string.IsNullOrEmpty(device.WifiPassword) ? null : device.WifiPassword,
        }, users => WhyNotAdd(users, name, device.Replace));
        source.Changed(context, $"device add {name}, {clientId}");
        return Describe(folder, name, clientId);
    }

    private IResult Rotate(string name, HttpContext context) => Find(name) is not { } user ? NotHere() : Try(() =>
    {
        DeviceFolder folder = DeviceFolder.Of(source.Options.Data, name);
        DeviceAdmission.Rotate(accounts.File, folder, name);
        source.Changed(context, $"device rotate {name}");
        return Describe(folder, name, user.ClientIds.Count > 0 ? user.ClientIds[0] : name);
    });

    private IResult Remove(string name, HttpContext context) => Find(name) is null ? NotHere() : Try(() =>
    {
        if (accounts.File.TryRemove(name, users => DeviceAdmission.WhyNoDevice(users, name, accounts.Users.IsOfSettings(name))) is { } wrong)
            return Problem.Wrong(wrong);
        if (source.Options.KeepsData)
            DeviceFolder.Of(source.Options.Data, name).Remove();
        source.Changed(context, $"device remove {name}");
        return new Answer<GatewayShapes.Done>(new GatewayShapes.Done($"{name} gets in no more, and its connection ends"), ApiJson.Default.Done);
    });

    private UserEntry? Find(string name) =>
        DeviceTopic.IsName(name) && DeviceAdmission.WhyNoDevice(accounts.Users.All, name, accounts.Users.IsOfSettings(name)) is null ? accounts.Users.Find(name) : null;

    private string? WhyNotAdd(IReadOnlyDictionary<string, UserEntry> users, string name, bool mayReplace) =>
        DeviceAdmission.WhyNotAdd(users, name, accounts.Users.IsOfSettings(name), mayReplace: true) is not null ? $"there is a user '{name}': take another name"
        : !mayReplace && users.ContainsKey(name) ? $"there is a device '{name}': take another name, or say that it is to get a new password" : null;

    private static string GroupOf(DeviceShapes.NewDevice device) =>
        string.IsNullOrEmpty(device.Group) ? GroupMark + "home" : device.Group.StartsWith(GroupMark, StringComparison.Ordinal) ? device.Group : GroupMark + device.Group;

    private Answer<DeviceShapes.Provisioned> Describe(DeviceFolder folder, string name, string clientId) => new(
        new DeviceShapes.Provisioned(clientId, name, File.ReadAllText(Path.Combine(folder.Path, DeviceFolder.Settings)), DeviceFolder.Settings, $"firmware/flash.sh --device \"{folder.Path}\" --port /dev/ttyUSB0", new DeviceTls(source.Options).WhyNotReached()),
        ApiJson.Default.Provisioned);

    private static Problem NotHere() => Problem.NotFound("device that was added under that name");

    private static IResult Try(Func<IResult> act)
    {
        try
        {
            return act();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException or SettingException)
        {
            return Problem.Wrong(exception.Message);
        }
    }
}
