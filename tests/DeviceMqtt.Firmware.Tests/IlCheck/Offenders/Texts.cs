#nullable enable
namespace DeviceMqtt.Firmware.Tests.IlCheck.Offenders;

/// <summary>Planted: texts that a board cannot hold.</summary>
internal static class TextWithNull
{
    internal static bool Use(string text) => text == "a\0b";
}

internal static class TextWithEmoji
{
    internal static string Use(string text) => string.Concat(text, "\ud83d\ude00");
}

internal static class TextWithLoneSurrogate
{
    internal static string Use(string text) => string.Concat(text, "\ude00b");
}

internal static class RowWithNull
{
    [Rows("a", 1, "b\0c")]
    internal static void Use()
    {
    }
}

internal static class RowWithEmoji
{
    [Rows(null, new[] { "a", "\ud83d\ude00" })]
    internal static void Use()
    {
    }
}

[AttributeUsage(AttributeTargets.Method)]
internal sealed class RowsAttribute(params object?[] values) : Attribute
{
    internal object?[] Values { get; } = values;
}
