using FsCheck;
using FsCheck.Fluent;

namespace DeviceMqtt.TestSupport;

/// <summary>Topic Names and Topic Filters of few short levels, so that they meet often.</summary>
internal static class AnyTopic
{
    public static Gen<string> Name => Levels(["a", "b", "", "$a"]).Where(t => t.Length > 0);

    public static Gen<string> Filter =>
        from levels in Levels(["a", "b", "", "$a", "+", "+"])
        from tail in Gen.Elements("", "", "/#")
        from whole in Gen.Elements(false, false, false, false, false, false, true)
        let filter = whole ? "#" : levels + tail
        where filter.Length > 0
        select filter;

    public static Gen<string> FilterOrShared =>
        from share in Gen.Elements("", "", "", "$share/g/", "$share/h/")
        from filter in Filter
        select share + filter;

    private static Gen<string> Levels(string[] level) =>
        from count in Gen.Choose(1, 4)
        from levels in Gen.Elements(level).ListOf(count)
        select string.Join('/', levels);
}
