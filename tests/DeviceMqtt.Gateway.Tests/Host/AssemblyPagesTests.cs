using System.Text;
using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Host;

[TestClass]
public sealed class AssemblyPagesTests
{
    private const string Untouched = "Rss:                6640 kB\nAnonymous:             0 kB\nSwap:                  0 kB\nSwapPss:               0 kB\nLocked:                0 kB\n";
    private const string Touched = "Rss:                6640 kB\nAnonymous:             4 kB\nSwap:                  0 kB\nSwapPss:               0 kB\nLocked:                0 kB\n";
    private const string Swapped = "Rss:                6640 kB\nAnonymous:             0 kB\nSwap:                  4 kB\nSwapPss:               4 kB\nLocked:                0 kB\n";

    [TestMethod]
    public void Find_CodeAndMetadataOfAssemblies_AreFound() =>
        Assert.AreEqual(
            "1000+2000 5000+1000",
            Find("1000-3000 r-xp 00000000 fe:00 12   /usr/share/a b/System.Linq.dll\n" + Untouched + "5000-6000 r--s 00000000 fe:00 12 /opt/x.dll\n" + Untouched));

    // Of the compiler a start needs megabytes, and an idle gateway nothing.
    [TestMethod]
    [DataRow("/usr/share/dotnet/shared/libclrjit.so"), DataRow("/usr/lib/libstdc++.so.6.0.30"), DataRow("/usr/lib/ld-linux-x86-64.so.2")]
    public void Find_CodeAndDataOfALibrary_AreFound(string library) =>
        Assert.AreEqual("1000+2000 5000+1000", Find($"1000-3000 r-xp 00000000 fe:00 12   {library}\n{Untouched}5000-6000 r--p 00004000 fe:00 12 {library}\n{Untouched}"));

    // A page that was swapped out would be that of the file again.
    [TestMethod]
    [DataRow(Touched), DataRow(Swapped)]
    public void Find_PageOfItsOwn_IsLeftAlone(string sizes) =>
        Assert.AreEqual("", Find("1000-3000 r-xp 00000000 fe:00 12   /opt/x.dll\n" + sizes));

    [TestMethod]
    [DataRow("1000-3000 rw-p 00000000 fe:00 12   /opt/x.dll")]
    [DataRow("1000-3000 rwxp 00000000 fe:00 12   /opt/x.dll")]
    [DataRow("1000-3000 rwxp 00000000 fe:00 12   /opt/libcoreclr.so")] // what the runtime patches in itself, where it does
    [DataRow("1000-3000 r-xp 00000000 fe:00 12   /opt/libx.so (deleted)")]
    [DataRow("1000-3000 r--s 00000000 fe:00 12   /var/lib/x.so.d/journal")]
    [DataRow("1000-3000 r--p 00000000 fe:00 12   /usr/lib/locale/locale-archive")]
    [DataRow("1000-3000 r-xp 00000000 fe:00 12   /opt/x.dll (deleted)")]
    [DataRow("1000-3000 r-xp 00000000 00:00 0")]
    public void Find_SomethingElse_IsLeftAlone(string head) => Assert.AreEqual("", Find(head + "\n" + Untouched));

    [TestMethod]
    public void Find_PiecesOfAnySize_AreOneText()
    {
        StringBuilder text = new();
        for (int i = 1; i <= 500; i++)
            text.Append($"{i}000-{i}800 r-xp 00000000 fe:00 12   /opt/{new string('x', i)}.dll\n{Untouched}");
        Assert.AreEqual(500, Find(text.ToString()).Split(' ').Length);
    }

    [TestMethod]
    [OSCondition(OperatingSystems.Linux)]
    public void GiveBack_OfThisProcess_CodeGoesOn()
    {
        AssemblyPages.GiveBack();
        Assert.AreEqual("1000+1000", Find("1000-2000 r-xp 00000000 fe:00 12   /opt/x.dll\n" + Untouched));
    }

    private static string Find(string smaps)
    {
        List<string> found = [];
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(smaps));
        AssemblyPages.Find(stream, (from, bytes) => found.Add($"{from:x}+{bytes:x}"));
        return string.Join(' ', found);
    }
}
