using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>Something a virtual board did; see <see cref="DeviceNote"/> for what subject and number mean.</summary>
public sealed class BoardEventArgs(string clientId, DeviceNote note, string subject, long number) : EventArgs
{
    /// <summary>Which board.</summary>
    public string ClientId { get; } = clientId;

    /// <summary>What it did.</summary>
    public DeviceNote Note { get; } = note;

    /// <summary>To which.</summary>
    public string Subject { get; } = subject;

    /// <summary>A number that belongs to it.</summary>
    public long Number { get; } = number;

    /// <inheritdoc/>
    public override string ToString() => $"{ClientId} {Note} {Subject} {Number}";
}
