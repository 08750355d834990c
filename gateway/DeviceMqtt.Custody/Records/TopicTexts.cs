using System.Text;

namespace DeviceMqtt.Custody.Records;

/// <summary>Topic Names of messages that were read from the disk: the next one of the same topic needs no text of its own.</summary>
internal sealed class TopicTexts
{
    private const int Places = 256; // chosen: as many as a house has devices
    private const int BytesMax = 128; // of one that is remembered
    private readonly (byte[] Utf8, string Text)[] _places = new (byte[], string)[Places];

    public (byte[] Utf8, string Text) Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > BytesMax)
            return Make(utf8);
        HashCode hash = default;
        hash.AddBytes(utf8);
        ref (byte[] Utf8, string Text) place = ref _places[hash.ToHashCode() & (Places - 1)];
        if (place.Utf8 is null || !utf8.SequenceEqual(place.Utf8))
            place = Make(utf8);
        return place;
    }

    private static (byte[] Utf8, string Text) Make(ReadOnlySpan<byte> utf8) => (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
}
