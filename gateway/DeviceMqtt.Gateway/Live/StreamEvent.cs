using System.Globalization;
using System.Text;

namespace DeviceMqtt.Gateway.Live;

/// <summary>An event for pages, once for all that get it.</summary>
/// <param name="number">Counts up; 0 for one that is not kept for those who resume.</param>
/// <param name="frame">As it is sent.</param>
/// <param name="madeMs">When, in monotonic milliseconds.</param>
internal sealed class StreamEvent(long number, ReadOnlyMemory<byte> frame, long madeMs)
{
    public static readonly StreamEvent Resync = new(0, FrameOf("resync", id: null, "{}"u8), 0);

    public long Number => number;

    public ReadOnlyMemory<byte> Frame => frame;

    public long MadeMs => madeMs;

    /// <param name="name">seat, tick, states, rows, or resync.</param>
    /// <param name="id">By which a page resumes; null for none.</param>
    /// <param name="json">One line.</param>
    public static ReadOnlyMemory<byte> FrameOf(string name, string? id, ReadOnlySpan<byte> json)
    {
        string head = id is null ? $"event: {name}\ndata: " : string.Create(CultureInfo.InvariantCulture, $"event: {name}\nid: {id}\ndata: ");
        byte[] frame = new byte[Encoding.UTF8.GetByteCount(head) + json.Length + 2];
        int at = Encoding.UTF8.GetBytes(head, frame);
        json.CopyTo(frame.AsSpan(at));
        "\n\n"u8.CopyTo(frame.AsSpan(at + json.Length));
        return frame;
    }
}
