using System.CommandLine;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Provisioning;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Relay.Link;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary>
/// <c>device add|rotate|remove|wait|list|show</c>: lets a board in, and writes the files that are deployed to it. Exit codes: 0 done, 1 it could not be done,
/// 2 wrong words.
/// </summary>
internal static class DeviceCommand
{
    private static readonly TimeSpan WaitDefault = TimeSpan.FromMinutes(2);

    public static Command Create()
    {
        Command device = new("device", "Let boards in, and write the files that are flashed onto them.");
        device.Subcommands.Add(new DeviceAddCommand().Create());
        device.Subcommands.Add(Rotate());
        device.Subcommands.Add(Remove());
        device.Subcommands.Add(Wait());
        device.Subcommands.Add(DeviceListCommand.List());
        device.Subcommands.Add(DeviceListCommand.Show());
        return device;
    }

    private static Command Rotate()
    {
        Argument<string> name = DeviceWords.NameArgument();
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("rotate", "Gives a device another password, in its files too: the old one is of no use any more, and the board is out until it is flashed.") { name, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            string device = parsed.GetValue(name)!;
            UserFile users = new(folder);
            if (DeviceAdmission.WhyNoDevice(users.Users, device, isOfSettings: false) is { } wrong)
                throw new IOException($"{wrong} (in {folder})");
            DeviceFolder files = DeviceFolder.Of(folder, device);
            DeviceAdmission.Rotate(users, files, device);
            AuditFile.Changed(folder, $"device rotate {device}");
            Console.WriteLine($"""
                {device} has another password
                next: firmware/flash.sh --device "{files.Path}" --port /dev/ttyUSB0
                """);
            return 0;
        }));
        return command;
    }

    private static Command Remove()
    {
        Argument<string> name = DeviceWords.NameArgument();
        Option<string?> data = DeviceWords.DataOption();
        Command command = new("remove", "Lets a device in no more, ends its connection and Session, and deletes its files.") { name, data };
        command.SetAction(parsed => CommandGuard.Run(() =>
        {
            string folder = DeviceWords.DataFolder(parsed.GetValue(data));
            string device = parsed.GetValue(name)!;
            DeviceFolder files = DeviceFolder.Of(folder, device);
            UserCommand.RemoveUser(folder, device, "device", users => DeviceAdmission.WhyNoDevice(users, device, isOfSettings: false));
            files.Remove();
            return 0;
        }));
        return command;
    }

    private static Command Wait()
    {
        Argument<string> name = DeviceWords.NameArgument();
        Option<string?> gateway = new("--gateway") { Description = "Where to look, mqtt://user:password@host:1883. Without it: the gateway of this machine, by its data folder." };
        Option<string?> data = DeviceWords.DataOption();
        Option<string> prefix = new("--prefix") { Description = "First level of the device's topics.", DefaultValueFactory = _ => DeviceTopic.DefaultPrefix };
        Option<int> seconds = new("--seconds") { Description = "How long.", DefaultValueFactory = _ => (int)WaitDefault.TotalSeconds };
        Command command = new("wait", "Waits until the device has told its birth to the gateway, and prints it.") { name, gateway, data, prefix, seconds };
        command.SetAction(async (parsed, stopped) =>
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            limit.CancelAfter(TimeSpan.FromSeconds(parsed.GetValue(seconds)));
            try
            {
                BirthWatch watch = new(GatewayAddress.Find("--gateway", parsed.GetValue(gateway), parsed.GetValue(data)), parsed.GetValue(prefix)!, parsed.GetValue(name)!);
                Console.WriteLine(await watch.WaitAsync(() => Console.WriteLine("waiting"), limit.Token));
                return 0;
            }
            catch (SettingException exception)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return RunCommand.WrongSetting;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync($"no birth of {parsed.GetValue(name)} within {parsed.GetValue(seconds)} s");
                return RunCommand.Failed;
            }
            catch (Exception exception) when (exception is IOException or UplinkException)
            {
                await Console.Error.WriteLineAsync(exception.Message);
                return RunCommand.Failed;
            }
        });
        return command;
    }
}
