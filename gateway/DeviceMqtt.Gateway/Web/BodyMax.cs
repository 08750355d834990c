using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Gateway.Web;

/// <summary>Marks an end point of the API with the length that the body of a request to it may have. Without the mark it is <see cref="None"/>.</summary>
/// <param name="Bytes">Of the body; 0 where it depends on the limits.</param>
internal sealed record BodyMax(int Bytes)
{
    /// <summary>Nothing is read. A library may send an empty object all the same.</summary>
    public static readonly BodyMax None = new(1024);

    /// <summary>Names, passwords, a command: each of their fields is bounded, and with every character escaped they are shorter than this together.</summary>
    public static readonly BodyMax Words = new(8 * 1024);

    /// <summary>The longest Topic Filter, and what stands around it.</summary>
    public static readonly BodyMax Filter = new(128 * 1024);

    /// <summary>Chosen: two hundred devices in view, with the longest names.</summary>
    public static readonly BodyMax View = new(256 * 1024);

    /// <summary>The longest message in Base64.</summary>
    public static readonly BodyMax Message = new(0);

    private const int BeyondMessage = 64 * 1024; // its topic, and the words of JSON

    /// <summary>What an end point is marked with; <see cref="None"/> also for what is no end point.</summary>
    public static BodyMax Of(EndpointMetadataCollection? metadata) => metadata?.GetMetadata<BodyMax>() ?? None;

    /// <param name="limits">For the longest message.</param>
    public long BytesFor(GatewayLimits limits) => this == Message ? (2L * limits.PacketBytesMax) + BeyondMessage : Bytes;
}
