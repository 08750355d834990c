using System.CommandLine;
using DeviceMqtt.Gateway.Orders;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Settings;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>device add NAME --board BOARD --wifi SSID</c>: a user with a password nobody has to know, and the files of the board.</summary>
internal sealed class DeviceAddCommand
{
    private const string StandardInput = "-";

    private readonly Argument<string> _name = DeviceWords.NameArgument();
    private readonly Option<string> _board = new("--board") { Description = $"Which board: {string.Join(", ", DeviceBoards.Names)}.", Required = true };
    private readonly Option<string> _wifi = new("--wifi") { Description = "Name of the Wi-Fi network (2.4 GHz).", Required = true };
    private readonly Option<string?> _wifiPassword = new("--wifi-password-file") { Description = "File with its password, or - for standard input. Without it you are asked." };
    private readonly Option<bool> _wifiOpen = new("--wifi-open") { Description = "The network has no password." };
    private readonly Option<string?> _gateway = new("--gateway") { Description = "HOST or HOST:PORT by which the board finds the gateway. Default: an address of this machine." };
    private readonly Option<string?> _ca = new("--tls-ca") { Description = "TLS, with this certificate of the authority that signed the gateway's (PEM). Default: that of 'cert init', where the settings have TLS on." };
    private readonly Option<bool> _noTls = new("--no-tls") { Description = "No TLS, although the gateway has it." };
    private readonly Option<string?> _config = DeviceWords.ConfigOption();
    private readonly Option<string> _group = new("--group") { Description = "Group of the Client Identifier, GROUP@@@NAME.", DefaultValueFactory = _ => "GID_home" };
    private readonly Option<string?> _out = new("--out") { Description = "Folder for the board's files. Default: devices/NAME in the data folder." };
    private readonly Option<bool> _replace = new("--replace") { Description = "The device is there already: it gets a new password, and the old one is of no use any more." };
    private readonly Option<string?> _data = DeviceWords.DataOption();

    public Command Create()
    {
        _board.AcceptOnlyFromAmong(DeviceBoards.Names);
        Command command = new("add", "Lets a board in, and writes the files that are flashed onto it.")
        {
            _name, _board, _wifi, _wifiPassword, _wifiOpen, _gateway, _ca, _noTls, _config, _group, _out, _replace, _data,
        };
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(() => RunAsync(parsed, stop)));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken stop)
    {
        string name = parsed.GetValue(_name)!;
        string data = DeviceWords.DataFolder(parsed.GetValue(_data));
        string clientId = $"{parsed.GetValue(_group)}@@@{name}";
        DeviceFolder folder = parsed.GetValue(_out) is { } elsewhere ? new(elsewhere) : DeviceFolder.Of(data, name);
        UserFile users = new(data);
        GatewayOptions settings = DeviceWords.SettingsOf(data, parsed.GetValue(_config) ?? SettingsFile.FindIn(data));
        // What it was started with may be on its command line.
        if (await ListeningAsync(data, stop) is { Count: > 0 } listening)
            settings.Listen = [.. listening];
        bool isOfSettings = settings.Security.HasUser(name);
        bool mayReplace = parsed.GetValue(_replace);
        DeviceTls tls = new(settings, parsed.GetValue(_ca), parsed.GetValue(_noTls));
        DeviceAdmission admission = new(users, folder, tls);
        if (DeviceAdmission.CheckName(name, clientId) is { } wrongName)
            return Wrong(wrongName);
        if (admission.CheckFolder() is { } wrongFolder)
            return Wrong($"{wrongFolder}; say --out");
        if (DeviceAdmission.WhyNotAdd(users.Users, name, isOfSettings, mayReplace) is { } wrongUser)
            return Wrong(wrongUser);
        if (!TryReadGateway(parsed, tls.Port, out string host, out int port))
            return Wrong(host.Length == 0 && parsed.GetValue(_gateway) is null ? "this machine is on no network: say --gateway HOST, by which the board finds it" : "--gateway is HOST or HOST:PORT, by which the board finds this machine");
        if (tls.Check(host, port) is { } wrong)
            return Wrong(wrong);
        if (!TryReadWifiPassword(parsed, out string? wifiPassword))
            return Wrong("say --wifi-password-file FILE, or --wifi-open for a network without a password");

        bool isFirst = !users.MayHaveUsers;
        admission.Admit(new DeviceSettings
        {
            ClientId = clientId,
            Board = parsed.GetValue(_board)!,
            Host = host,
            Port = port,
            IsTls = tls.CaCertificate is not null,
            UserName = name,
            Password = DeviceFolder.NewPassword(),
            Ssid = parsed.GetValue(_wifi)!,
            WifiPassword = wifiPassword,
        }, now => DeviceAdmission.WhyNotAdd(now, name, isOfSettings, mayReplace));
        AuditFile.Changed(data, $"device add {name}, {clientId}");
        Console.WriteLine($"""
            {clientId} may connect as user '{name}' from now on
            files for the board, with passwords in them: {folder.Path}
            next: firmware/flash.sh --device "{folder.Path}" --port /dev/ttyUSB0
            """);
        if (isFirst)
            Console.WriteLine("this is the first user: from now on clients of this machine need a user name and password, too; only this command line does not");
        if (tls.WhyNotReached() is { } notReached)
            await Console.Error.WriteLineAsync($"the data folder is '{data}': {notReached}");
        return 0;
    }

    // Nothing where none runs, or not one that this account may ask: then the settings say it.
    private static async Task<IReadOnlyList<string>> ListeningAsync(string data, CancellationToken stop)
    {
        try
        {
            using OrderLine line = await OrderClient.ConnectAsync(data, stop);
            OrderAnswer answer = await OrderClient.AskAsync(line, OrderServer.Listening, stop);
            return answer.ExitCode == 0 ? answer.Lines : [];
        }
        catch (IOException)
        {
            return [];
        }
    }

    private bool TryReadGateway(ParseResult parsed, int defaultPort, out string host, out int port)
    {
        port = defaultPort;
        host = parsed.GetValue(_gateway) ?? HostAddress.Find() ?? "";
        int colon = host.LastIndexOf(':');
        if (colon < 0 || host.IndexOf(':', StringComparison.Ordinal) != colon)
            return host.Length > 0;
        bool isPort = int.TryParse(host[(colon + 1)..], out port) && port is > 0 and <= ushort.MaxValue;
        host = host[..colon];
        return isPort && host.Length > 0;
    }

    private bool TryReadWifiPassword(ParseResult parsed, out string? password)
    {
        password = null;
        if (parsed.GetValue(_wifiOpen))
            return true;
        string? file = parsed.GetValue(_wifiPassword);
        if (file is null && Console.IsInputRedirected)
            return false;
        if (file is null)
            Console.Error.Write($"Password of the Wi-Fi '{parsed.GetValue(_wifi)}': ");
        password = file is null ? HiddenLine.Read() : file == StandardInput ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault();
        return password is { Length: > 0 };
    }

    private static int Wrong(string message)
    {
        Console.Error.WriteLine(message);
        return RunCommand.WrongSetting;
    }
}
