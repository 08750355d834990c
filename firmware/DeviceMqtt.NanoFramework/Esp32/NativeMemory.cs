namespace nanoFramework.Hardware.Esp32;

/// <summary>The chip's memory. A test says how much of it is outside the chip.</summary>
public class NativeMemory
{
    /// <summary>Where memory is.</summary>
    public enum MemoryType
    {
        /// <summary>All there is.</summary>
        All,

        /// <summary>In the chip.</summary>
        Internal,

        /// <summary>In a chip beside it.</summary>
        SpiRam,
    }

    /// <summary>Bytes of the memory in a chip beside it, that the runtime uses.</summary>
    internal static uint SpiRamBytes { get; set; }

    /// <summary>How much there is, how much of it is free, and in one piece.</summary>
    public static void GetMemoryInfo(MemoryType memoryType, out uint totalSize, out uint totalFree, out uint largestFreeBlock)
    {
        totalSize = memoryType == MemoryType.SpiRam ? SpiRamBytes : 0;
        totalFree = totalSize;
        largestFreeBlock = totalSize;
    }
}
