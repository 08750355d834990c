namespace DeviceMqtt.Gateway.Devices;

/// <summary>What the route of an event leads to.</summary>
/// <param name="Device">Whose event it is.</param>
/// <param name="Name">The event.</param>
internal sealed record EventNote(DeviceEntry Device, string Name)
{
    /// <summary>What a route leads to is of a device that was forgotten.</summary>
    /// <param name="note">An event, a stream, or a device.</param>
    public static bool IsOfForgotten(object note) => note switch
    {
        StreamEntry stream => stream.Device.IsForgotten,
        EventNote { Device: var device } => device.IsForgotten,
        DeviceEntry device => device.IsForgotten,
        _ => false,
    };
}
