using DeviceMqtt.Wire;

namespace DeviceMqtt.Gateway.Live;

/// <summary>The devices that a page shows; pages that show the same ones share one, and what is sent for it.</summary>
internal sealed class StreamView
{
    /// <summary>Devices whose readings one page may follow.</summary>
    public const int DevicesMax = 200;

    public static readonly StreamView Nothing = new([]);

    private StreamView((string Prefix, string Name)[] devices) => Devices = devices;

    public IReadOnlyList<(string Prefix, string Name)> Devices { get; }

    /// <param name="keys">Each <c>prefix/name</c>, or a name below the usual prefix; one that is there twice counts once.</param>
    public static StreamView Of(IEnumerable<string> keys) => new([.. keys.Select(Split).Distinct().Take(DevicesMax)]);

    public bool IsSame(StreamView other) => Devices.SequenceEqual(other.Devices);

    private static (string Prefix, string Name) Split(string key)
    {
        int slash = key.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? (DeviceTopic.DefaultPrefix, key) : (key[..slash], key[(slash + 1)..]);
    }
}
