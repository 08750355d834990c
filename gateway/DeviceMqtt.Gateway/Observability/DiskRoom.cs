namespace DeviceMqtt.Gateway.Observability;

/// <summary>How much room a disk has.</summary>
internal static class DiskRoom
{
    /// <summary>Bytes that are free where a folder is; 0 where the system does not tell.</summary>
    public static long FreeBytes(string folder)
    {
        try
        {
            return new DriveInfo(folder).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return 0; // a folder that the system does not count the room of
        }
    }
}
