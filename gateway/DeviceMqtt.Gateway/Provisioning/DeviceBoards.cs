namespace DeviceMqtt.Gateway.Provisioning;

/// <summary>Boards that the firmware knows: the folders of hardware/boards, against which a test holds this list.</summary>
internal static class DeviceBoards
{
    public static readonly string[] Names = ["esp32-c3-devkitm", "esp32-devkitc", "huzzah32"];
}
