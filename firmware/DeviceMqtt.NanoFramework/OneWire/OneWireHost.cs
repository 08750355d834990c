namespace nanoFramework.Device.OneWire;

/// <summary>The 1-Wire bus of a board, with what a test plugs in. As on a board there is one; a second one throws.</summary>
public class OneWireHost : IDisposable
{
    private static bool _isOpen;

    /// <summary>Opens the bus.</summary>
    /// <exception cref="InvalidOperationException">It is open.</exception>
    public OneWireHost()
    {
        if (_isOpen)
        {
            throw new InvalidOperationException();
        }

        _isOpen = true;
    }

    /// <summary>Who is on the bus: presence at reset, and the answer to a byte.</summary>
    internal static Func<bool>? Presence { get; set; }

    /// <summary>Answers a byte that is written or, with 0xFF, read.</summary>
    internal static Func<byte, byte>? Touch { get; set; }

    /// <summary>Resets the bus. True if somebody is there.</summary>
    public bool TouchReset() => Presence?.Invoke() ?? false;

    /// <summary>Writes a byte and returns what the bus had meanwhile.</summary>
    public byte WriteByte(byte value) => Touch?.Invoke(value) ?? value;

    /// <summary>Reads a byte.</summary>
    public byte ReadByte() => Touch?.Invoke(0xFF) ?? 0xFF;

    /// <inheritdoc/>
    public void Dispose()
    {
        _isOpen = false;
        GC.SuppressFinalize(this);
    }
}
