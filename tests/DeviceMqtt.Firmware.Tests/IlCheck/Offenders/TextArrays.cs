#nullable enable
namespace DeviceMqtt.Firmware.Tests.IlCheck.Offenders;

/// <summary>Planted: string arrays whose elements were never assigned, each on another way to the comparison that crashes the runtime.</summary>
internal sealed class UnassignedField
{
    private readonly string[] _ids = new string[32];

    internal bool Knows(string id) => _ids[0] == id;
}

internal sealed class UnassignedFieldOfAnySize(int count)
{
    private readonly string[] _ids = new string[count];

    internal bool Knows(string id) => string.Equals(_ids[0], id);
}

internal static class UnassignedStatic
{
    private static readonly string[] Ids = new string[32];

    internal static bool Knows(string id) => Ids[0] != id;
}

internal static class UnassignedLocal
{
    internal static bool Use(string id)
    {
        string[] ids = new string[4];
        string first = ids[0];
        return first == id;
    }
}

internal sealed class UnassignedResult
{
    private readonly string[] _topics = new string[8];

    internal bool IsSame(string topic) => At(3) == topic;

    private string At(int index) => _topics[index];
}

internal sealed class UnassignedOut
{
    private readonly string[] _topics = new string[8];

    internal bool IsSame(string topic)
    {
        Take(out string first);
        return first == topic;
    }

    private void Take(out string topic) => topic = _topics[0];
}

internal static class AssignedInPart
{
    internal static string[] Make()
    {
        string[] names = new string[3];
        names[0] = "a";
        names[1] = "b";
        return names;
    }
}

/// <summary>Planted: arrays that are filled where they are made.</summary>
internal sealed class AssignedTexts
{
    private readonly string[] _ids = Filled(32);
    private readonly string[] _words = ["on", "off"];
    private readonly string[] _none = new string[0];
    private readonly string[] _own;

    internal AssignedTexts(int count)
    {
        _own = new string[count];
        for (int i = 0; i < count; i++)
        {
            _own[i] = "";
        }
    }

    internal bool Knows(string id) => _ids[0] == id || _words[1] == id || _own[0] == id || _none.Length > 0;

    private static string[] Filled(int count)
    {
        string[] texts = new string[count];
        for (int i = 0; i < texts.Length; i++)
        {
            texts[i] = "";
        }

        return texts;
    }
}
