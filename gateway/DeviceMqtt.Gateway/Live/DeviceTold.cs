namespace DeviceMqtt.Gateway.Live;

/// <summary>What pages were told of a device last; a struct, as <see cref="DeviceKey"/> is. Owned by the turn.</summary>
internal struct DeviceTold
{
    public DeviceFacts Facts { get; set; }

    public int Notes { get; set; }

    public string Firmware { get; set; }

    public string ClientId { get; set; }

    /// <summary>When it had last said anything.</summary>
    public long HeardUnixMs { get; set; }

    /// <summary>It has said something since the look before, and its state is the same: of interest to those that have it in view.</summary>
    public bool HasSpoken { get; set; }
}
