using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Generates the values that packets are made of, with the awkward ones more often than chance would.</summary>
internal static class ValueGen
{
    public static Gen<bool> Bool => Gen.Elements(false, true);

    public static Gen<QoS> QoS => Gen.Elements(Enum.GetValues<QoS>());

    public static Gen<ushort> UInt16 => Gen.OneOf(Gen.Elements<ushort>(0, 1, 255, 256, ushort.MaxValue), Gen.Choose(0, ushort.MaxValue).Select(value => (ushort)value));

    public static Gen<ushort> PacketId => UInt16.Where(value => value != 0);

    public static Gen<uint> UInt32 => Gen.OneOf(Gen.Elements(0u, 1u, 65_536u, uint.MaxValue), Gen.Choose(int.MinValue, int.MaxValue).Select(value => (uint)value));

    public static Gen<uint?> UInt32OrNull => Gen.OneOf(Gen.Constant((uint?)null), UInt32.Select(value => (uint?)value));

    /// <summary>Up to a few hundred bytes, so that lengths of one and of two bytes both come.</summary>
    public static Gen<byte[]> Binary =>
        from length in Gen.OneOf(Gen.Choose(0, 8), Gen.Choose(0, 300))
        from bytes in Gen.Choose(0, 255).Select(value => (byte)value).ListOf(length)
        select bytes.ToArray();

    /// <summary>Characters of one to four bytes; never U+0000.</summary>
    public static Gen<string> Text =>
        from length in Gen.OneOf(Gen.Choose(0, 6), Gen.Choose(0, 60))
        from characters in Gen.Elements("a", "b", "/", "$", "+", "#", " ", "\u0001", "\u007f", "\u00e9", "\u20ac", "\ufeff", "\uffff", "\ud83d\ude00").ListOf(length)
        select string.Concat(characters);

    public static Gen<string> Topic =>
        from length in Gen.OneOf(Gen.Choose(1, 4), Gen.Choose(1, 40))
        from characters in Gen.Elements("a", "b", "/", "$", " ", "\u0001", "\u00e9", "\u20ac", "\ud83d\ude00").ListOf(length)
        select string.Concat(characters);

    /// <summary>Levels of few letters, so that names and filters meet often.</summary>
    public static Gen<string> ShortTopic =>
        from count in Gen.Choose(1, 4)
        from levels in Gen.Elements("a", "b", "", "$a").ListOf(count)
        from topic in Gen.Constant(string.Join('/', levels))
        where topic.Length > 0
        select topic;

    public static Gen<TopicFilter> Filter =>
        from share in Gen.Elements("", "", "$share/g/")
        from count in Gen.Choose(1, 4)
        from levels in Gen.Elements("a", "b", "", "$a", "+", "+").ListOf(count)
        from tail in Gen.Elements("", "", "/#")
        from text in Gen.Constant(string.Join('/', levels) + tail)
        where text.Length > 0
        select ParseFilter(share + text);

    public static Gen<IReadOnlyList<UserProperty>> UserProperties =>
        from count in Gen.Choose(0, 3)
        from properties in (from name in Text from value in Text select new UserProperty(name, value)).ListOf(count)
        select (IReadOnlyList<UserProperty>)[.. properties];

    public static Gen<T?> OrNull<T>(Gen<T> gen)
        where T : class => Gen.OneOf(Gen.Constant((T?)null), gen.Select(value => (T?)value));

    /// <summary>One to five.</summary>
    public static Gen<IReadOnlyList<T>> ListOf<T>(Gen<T> gen) =>
        from count in Gen.Choose(1, 5)
        from values in gen.ListOf(count)
        select (IReadOnlyList<T>)[.. values];

    private static TopicFilter ParseFilter(string text) =>
        TopicFilter.TryParse(text, out TopicFilter filter, out MalformedReason reason) ? filter : throw new ArgumentException($"{text}: {reason}", nameof(text));
}
