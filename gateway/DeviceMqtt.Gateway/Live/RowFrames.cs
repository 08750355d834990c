using System.Buffers;
using System.Text.Json;
using DeviceMqtt.Gateway.Shapes;

namespace DeviceMqtt.Gateway.Live;

/// <summary>Rows of devices as JSON, in parts: a page that does not read holds one of them, whatever names the devices have.</summary>
internal static class RowFrames
{
    /// <summary>A part has so many bytes, and the row with which it has them. Chosen: some hundred rows with ordinary names.</summary>
    public const int PartBytes = 64 * 1024;

    /// <summary>An array of some rows each; made one by one.</summary>
    public static IEnumerable<byte[]> Of(IReadOnlyList<DeviceShapes.Row> rows)
    {
        ArrayBufferWriter<byte> buffer = new();
        for (int next = 0; next < rows.Count;)
        {
            buffer.ResetWrittenCount();
            using (Utf8JsonWriter writer = new(buffer))
            {
                writer.WriteStartArray();
                while (next < rows.Count && writer.BytesCommitted + writer.BytesPending < PartBytes)
                    JsonSerializer.Serialize(writer, rows[next++], ApiJson.Default.Row);
                writer.WriteEndArray();
            }

            yield return buffer.WrittenSpan.ToArray();
        }
    }
}
