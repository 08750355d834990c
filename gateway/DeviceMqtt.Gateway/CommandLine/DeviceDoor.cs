using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Client;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>The options by which a command about devices reaches the gateway that runs, and the connection to it.</summary>
internal sealed class DeviceDoor
{
    private readonly Option<string?> _at = new("--at") { Description = "The gateway: mqtt://user:password@host:1883. Default: the one that runs with the data folder." };
    private readonly Option<string> _prefix = new("--prefix") { Description = "First level of the devices' topics.", DefaultValueFactory = _ => DeviceTopic.DefaultPrefix };
    private readonly Option<string?> _data = DeviceWords.DataOption();

    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_at, _prefix, _data])
            command.Options.Add(option);
    }

    /// <summary>The devices that the data folder of that gateway lets in; none where the gateway is said by its address.</summary>
    /// <exception cref="IOException">Its users cannot be read.</exception>
    public IEnumerable<string> LetIn(ParseResult parsed)
    {
        if (parsed.GetValue(_at) is not null)
            return [];
        return new UserFile(DeviceWords.DataFolder(parsed.GetValue(_data))).RequireUsers().Where(static user => user.Value.Role == Roles.Device).Select(static user => user.Key).Order(StringComparer.Ordinal);
    }

    /// <summary>Why there is nothing to say of a device, or to it.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="word">What it was called.</param>
    public string NotThere(ParseResult parsed, string word)
    {
        return LetIn(parsed).Contains(ClientNames.DeviceOf(word)) ? $"'{SafeText.OfName(word)}' is let in, and has told no birth yet: what it is and which commands it knows is not known before" : $"no device is called '{SafeText.OfName(word)}'; 'device list' shows all";
    }

    /// <exception cref="DeviceMqtt.Broker.Words.SettingException">The address is none.</exception>
    /// <exception cref="DeviceConnectionException">There is no gateway, or it refuses.</exception>
    public Task<DeviceClient> ConnectAsync(ParseResult parsed, CancellationToken stop)
    {
        GatewayDoor door = GatewayAddress.Find("--at", parsed.GetValue(_at), parsed.GetValue(_data));
        return DeviceClient.ConnectAsync(new DeviceClientOptions { Address = door.ToUri(), Prefix = parsed.GetValue(_prefix)!, Dial = door.DialAsync }, stop);
    }
}
