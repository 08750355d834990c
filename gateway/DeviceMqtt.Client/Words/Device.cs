using DeviceMqtt.Wire;

namespace DeviceMqtt.Client.Words;

/// <summary>A device, as its birth message describes it.</summary>
public sealed record Device
{
    /// <summary>Its Client Identifier: commands go to it.</summary>
    public required string ClientId { get; init; }

    /// <summary>What it is called in its topics.</summary>
    public required string Name { get; init; }

    /// <summary>Firmware version; empty if it does not say.</summary>
    public string Firmware { get; init; } = "";

    /// <summary>Board name; empty if it does not say.</summary>
    public string Board { get; init; } = "";

    /// <summary>Why it started last: <c>power</c>, <c>reset</c> and so on; empty if it does not say.</summary>
    public string ResetCause { get; init; } = "";

    /// <summary>The commands that it knows.</summary>
    public IReadOnlyList<CommandForm> Commands { get; init; } = [];

    /// <summary>Names of its telemetry streams.</summary>
    public IReadOnlyList<string> Streams { get; init; } = [];

    /// <summary>Sensors that do not work.</summary>
    public IReadOnlyList<string> FailedSensors { get; init; } = [];

    /// <summary>Whether it is there; null when the gateway has not said so.</summary>
    public DevicePresence? Presence { get; init; }
}
