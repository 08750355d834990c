namespace DeviceMqtt.Gateway.Shapes;

/// <summary>How long something is as JSON, before it is made: pages of lists end in time by that.</summary>
internal static class JsonBytes
{
    private const int EscapeBytes = 6; // \uXXXX
    private const int Words = 256; // names and figures of a message, client or level
    private const int RowWords = 512; // of a device, with three readings

    /// <summary>A text. Not less than it is.</summary>
    public static long Of(string? text)
    {
        if (text is null)
            return 0;
        long bytes = text.Length;
        foreach (char c in text)
            if (!char.IsAsciiLetterOrDigit(c) && !"/ .,:;-_{}[]()=!?#%*@".Contains(c, StringComparison.Ordinal))
                bytes += EscapeBytes - 1;
        return bytes;
    }

    public static long Of(GatewayShapes.Message? message) =>
        message is null ? 0 : Words + Of(message.Topic) + Of(message.Text) + (message.Base64?.Length ?? 0) + Of(message.From);

    public static long Of(GatewayShapes.Topic topic) => Words + Of(topic.Level) + Of(topic.Path) + Of(topic.Message);

    public static long Of(GatewayShapes.Client client) => Words + Of(client.ClientId) + Of(client.Address);

    public static long Of(DeviceShapes.Row row)
    {
        long bytes = RowWords + Of(row.Name) + Of(row.Prefix) + Of(row.Group) + Of(row.ClientId) + Of(row.Why) + Of(row.Address) + Of(row.Firmware) + Of(row.Board) + Of(row.BatteryUnit);
        foreach (DeviceShapes.LastReading reading in row.Readings)
            bytes += Of(reading.Stream) + Of(reading.Name) + Of(reading.Unit);
        return bytes;
    }

    /// <summary>The first of them that are no longer than that together, and one in any case.</summary>
    public static List<T> Cut<T>(IEnumerable<T> all, Func<T, long> bytesOf, long bytesMax)
    {
        List<T> cut = [];
        long bytes = 0;
        foreach (T one in all)
        {
            bytes += bytesOf(one);
            if (cut.Count > 0 && bytes > bytesMax)
                break;
            cut.Add(one);
        }

        return cut;
    }
}
