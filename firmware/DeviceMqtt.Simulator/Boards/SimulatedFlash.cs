using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary>The ring file of a virtual board, in memory. It outlives the board's boots, and takes its time to write, as flash does.</summary>
public sealed class SimulatedFlash : IRingFile
{
    private readonly TimeSpan _writeTime;
    private readonly byte[] _content;
    private int _writes;

    /// <param name="writeTime">How long a write takes.</param>
    public SimulatedFlash(TimeSpan writeTime)
        : this(writeTime, DeviceLimits.FlashFileBytes) => Commands = new SimulatedFlash(writeTime, DeviceLimits.CommandFileBytes);

    private SimulatedFlash(TimeSpan writeTime, int bytes)
    {
        _writeTime = writeTime;
        _content = new byte[bytes];
    }

    /// <summary>The file of the last commands beside this one.</summary>
    public SimulatedFlash? Commands { get; }

    /// <inheritdoc/>
    public int Bytes => _content.Length;

    /// <summary>How often it was written.</summary>
    public int Writes => Volatile.Read(ref _writes);

    /// <inheritdoc/>
    public bool TryRead(int offset, byte[] buffer, int count)
    {
        Array.Copy(_content, offset, buffer, 0, count);
        return true;
    }

    /// <inheritdoc/>
    public bool TryWrite(int offset, byte[] buffer, int count)
    {
        // On a board the device loop stands still meanwhile, and so does it here.
        if (_writeTime > TimeSpan.Zero)
            Thread.Sleep(_writeTime);
        Array.Copy(buffer, 0, _content, offset, count);
        Interlocked.Increment(ref _writes);
        return true;
    }
}
