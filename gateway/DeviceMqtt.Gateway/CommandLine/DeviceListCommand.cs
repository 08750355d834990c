using System.CommandLine;
using System.Text.Json.Nodes;
using DeviceMqtt.Client;
using DeviceMqtt.Client.Words;

namespace DeviceMqtt.Gateway.CommandLine;

/// <summary><c>device list</c> and <c>device show NAME</c>: the devices that have told their birth, whether they are there, and what waits for them.</summary>
internal static class DeviceListCommand
{
    public static Command List()
    {
        DeviceDoor door = new();
        Option<bool> json = new("--json") { Description = "One JSON object a line." };
        Command command = new("list", "The devices that have told their birth to the gateway, and whether they are there.") { json };
        door.AddTo(command);
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(async () =>
        {
            await using DeviceClient client = await door.ConnectAsync(parsed, stop);
            IReadOnlyList<Device> devices = await client.ListDevicesAsync(stop);
            if (devices.Count == 0 && !parsed.GetValue(json))
                await Console.Error.WriteLineAsync("no device has told its birth yet");
            int width = devices.Count == 0 ? 0 : devices.Max(static d => d.Name.Length);
            foreach (Device device in devices)
                Console.WriteLine(parsed.GetValue(json) ? Json(device).ToJsonString() : $"{device.Name.PadRight(width)}  {StateOf(device),-12}  {device.Board} {device.Firmware}".TrimEnd());
            return 0;
        }));
        return command;
    }

    public static Command Show()
    {
        DeviceDoor door = new();
        Argument<string> name = new("NAME") { Description = "The device's name or Client Identifier." };
        Option<bool> json = new("--json") { Description = "One JSON object." };
        Command command = new("show", "What is known of a device: presence, commands, and what waits for it.") { name, json };
        door.AddTo(command);
        command.SetAction((parsed, stop) => CommandGuard.RunAsync(async () =>
        {
            await using DeviceClient client = await door.ConnectAsync(parsed, stop);
            IReadOnlyList<Device> found = DeviceChoice.Of(parsed.GetValue(name)!, await client.ListDevicesAsync(stop), out _);
            if (found is not [Device device])
            {
                await Console.Error.WriteLineAsync(found.Count == 0 ? $"no device is called '{parsed.GetValue(name)}'; 'device list' shows all" : $"'{parsed.GetValue(name)}' are {found.Count} devices; say one");
                return RunCommand.Failed;
            }

            WaitingCommands queue = await client.GetQueueAsync(device.ClientId, stop);
            if (parsed.GetValue(json))
                Console.WriteLine(Json(device, queue).ToJsonString());
            else
                Say(device, queue);
            return 0;
        }));
        return command;
    }

    private static void Say(Device device, WaitingCommands queue)
    {
        Console.WriteLine($"{device.Name}: {StateOf(device)}{(device.Presence is { } presence ? $" since {presence.Since:u}, {presence.Reason}" : "")}");
        Console.WriteLine($"  client    {device.ClientId}{(device.Presence is { Gateway.Length: > 0 } here ? $" at {here.Gateway}" : "")}");
        if (device.Presence?.Until is { } until)
            Console.WriteLine($"  back      {until:u}");
        Console.WriteLine($"  firmware  {device.Firmware} on {device.Board}, started by {device.ResetCause}");
        Console.WriteLine($"  streams   {string.Join(", ", device.Streams)}");
        if (device.FailedSensors.Count > 0)
            Console.WriteLine($"  failed    {string.Join(", ", device.FailedSensors)}");
        string waits = queue.OldestAge is { } age && queue.OldestExpiresIn is { } expires ? $", the oldest for {TimeText.Of(age)}, its time is over in {TimeText.Of(expires)}" : "";
        Console.WriteLine($"  queue     {queue.Count} wait, {queue.Unanswered} not answered{waits}");
        foreach (Wire.CommandForm form in device.Commands)
            Console.WriteLine($"  command   {CommandArguments.Describe(form)}");
    }

    private static JsonObject Json(Device device, WaitingCommands? queue = null)
    {
        JsonObject json = new()
        {
            ["name"] = device.Name,
            ["clientId"] = device.ClientId,
            ["state"] = StateOf(device),
            ["since"] = device.Presence?.Since.ToUnixTimeSeconds(),
            ["board"] = device.Board,
            ["firmware"] = device.Firmware,
            ["commands"] = new JsonArray([.. device.Commands.Select(static f => (JsonNode)CommandArguments.Describe(f))]),
        };
        if (queue is not null)
            json["queue"] = new JsonObject
            {
                ["count"] = queue.Count,
                ["unanswered"] = queue.Unanswered,
                ["oldestAgeSeconds"] = queue.OldestAge?.TotalSeconds,
                ["oldestExpiresInSeconds"] = queue.OldestExpiresIn?.TotalSeconds,
            };
        return json;
    }

    private static string StateOf(Device device) => device.Presence switch
    {
        { IsOnline: true } => "online",
        { Reason: "asleep" or "overdue" } sleeping => sleeping.Reason,
        { } => "offline",
        null => "not known",
    };
}
