using DeviceMqtt.Gateway.Devices;

namespace DeviceMqtt.Gateway.Live;

/// <summary>
/// What a list is filtered and sorted by, of one device. Written over at each look, and rows are made of those alone that are sent: a row for each of
/// ten thousand devices would be garbage with each page that opens. A struct, of which there is one array: ten thousand objects that live for
/// long keep whole regions of the heap, with all the garbage among them. Measured: 20 pages took 4 to 8 MB more.
/// </summary>
internal struct DeviceKey
{
    /// <summary>Null for one that was added and never came.</summary>
    public DeviceEntry? Device { get; private set; }

    public string Name { get; private set; }

    public string ClientId { get; private set; }

    public string Group { get; private set; }

    public string State { get; private set; }

    public string Firmware { get; private set; }

    public string Board { get; private set; }

    public long Since { get; private set; }

    public long Heard { get; private set; }

    public double? Rssi { get; private set; }

    public double? Battery { get; private set; }

    public int Waiting { get; private set; }

    public int Notes { get; private set; }

    public void Set(DeviceEntry device, in DeviceFacts facts, int notes)
    {
        if (!ReferenceEquals(ClientId, device.ClientId))
            Group = DeviceRows.GroupOf(device.ClientId);
        (Device, Name, ClientId, State, Firmware, Board) = (device, device.Name, device.ClientId, facts.State, device.Firmware, device.Board);
        (Since, Heard, Waiting, Notes) = (facts.Since, device.HeardUnixMs, facts.Waiting, notes);
        (Rssi, Battery, _) = DeviceRows.ColumnsOf(device);
    }

    public void SetNever(string name)
    {
        (Device, Name, ClientId, Group, State, Firmware, Board) = (null, name, "", "", DeviceRows.Never, "", "");
        (Since, Heard, Waiting, Notes, Rssi, Battery) = (0, 0, 0, 0, null, null);
    }
}
