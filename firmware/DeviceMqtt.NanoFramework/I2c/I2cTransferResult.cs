using System.Runtime.InteropServices;

namespace System.Device.I2c;

/// <summary>What became of a transfer.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly struct I2cTransferResult
{
    internal I2cTransferResult(I2cTransferStatus status, uint bytesTransferred)
    {
        Status = status;
        BytesTransferred = bytesTransferred;
    }

    /// <summary>How many bytes went over the bus.</summary>
    public uint BytesTransferred { get; }

    /// <summary>Whether it worked.</summary>
    public I2cTransferStatus Status { get; }
}
