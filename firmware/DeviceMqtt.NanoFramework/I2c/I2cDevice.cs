namespace System.Device.I2c;

/// <summary>A device on a bus that a test plugs parts into.</summary>
public class I2cDevice : IDisposable
{
    /// <summary>A device on a bus.</summary>
    public I2cDevice(I2cConnectionSettings settings)
    {
        ConnectionSettings = settings;
    }

    /// <summary>Which device on which bus.</summary>
    public I2cConnectionSettings ConnectionSettings { get; }

    /// <summary>Answers a transfer: address, bytes written, buffer to fill. Nobody answers if nothing is plugged in.</summary>
    internal static Func<int, byte[], byte[], I2cTransferStatus>? Parts { get; set; }

    /// <summary>Opens a device.</summary>
    public static I2cDevice Create(I2cConnectionSettings settings) => new(settings);

    /// <summary>Writes.</summary>
    public I2cTransferResult Write(SpanByte buffer) => Transfer(buffer.Array, []);

    /// <summary>Writes, then reads.</summary>
    public I2cTransferResult WriteRead(SpanByte writeBuffer, SpanByte readBuffer) => Transfer(writeBuffer.Array, readBuffer.Array);

    /// <inheritdoc/>
    public void Dispose() => GC.SuppressFinalize(this);

    private I2cTransferResult Transfer(byte[] write, byte[] read)
    {
        I2cTransferStatus status = Parts?.Invoke(ConnectionSettings.DeviceAddress, write, read) ?? I2cTransferStatus.SlaveAddressNotAcknowledged;
        return new I2cTransferResult(status, status == I2cTransferStatus.FullTransfer ? (uint)(write.Length + read.Length) : 0);
    }
}
