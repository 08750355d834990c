namespace nanoFramework.Hardware.Esp32;

/// <summary>What ESP-IDF answers.</summary>
public enum EspNativeError
{
    /// <summary>Done.</summary>
    OK = 0,

    /// <summary>An argument is out of range.</summary>
    INVALID_ARG = 0x102,
}
