using DeviceMqtt.Client;
using DeviceMqtt.Client.Words;

// dotnet run --project gateway/samples/SwitchFromYourProgram -- mqtt://127.0.0.1:1883 kitchen true
if (args is not [string address, string name, string on] || !bool.TryParse(on, out bool isOn) || !Uri.TryCreate(address, UriKind.Absolute, out Uri? uri))
{
    Console.Error.WriteLine("say: ADDRESS DEVICE true|false");
    return 2;
}

try
{
    await using DeviceClient client = await DeviceClient.ConnectAsync(new DeviceClientOptions { Address = uri });
    IReadOnlyList<Device> devices = await client.ListDevicesAsync();
    foreach (Device device in devices)
        Console.WriteLine($"{device.Name}: {(device.Presence?.IsOnline == true ? "online" : "offline")}, knows {string.Join(", ", device.Commands.Select(c => c.Name))}");

    client.TelemetryReceived += (_, told) => Console.WriteLine($"{told.Telemetry.Device} says {told.Telemetry.Stream}: {told.Telemetry.Json}");
    await client.FollowTelemetryAsync(name);

    CommandResult result = await client.SendAsync(name, "relay.set", new Dictionary<string, object?> { ["on"] = isOn }, new SendOptions
    {
        Timeout = TimeSpan.FromSeconds(10),
        Progress = step => Console.WriteLine($"... {step}"),
    });
    Console.WriteLine(result.IsOk ? $"done: {result.ResultJson}" : $"{result.Outcome}: {result.Reason}");
    return result.IsOk ? 0 : 1;
}
catch (Exception exception) when (exception is DeviceConnectionException or ArgumentException)
{
    // No gateway, one that wants a user, a device that nobody knows: one line.
    Console.Error.WriteLine(exception.Message.ReplaceLineEndings(" "));
    return 1;
}
