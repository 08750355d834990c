namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>
/// The lists of nanoFramework's members are not in the repository. What the device projects use of them is, in <c>nano-members.txt</c>, so
/// that the check runs everywhere: a member that is not in the extract must be looked up in the lists before it may be used.
/// </summary>
[TestClass]
public sealed class ExtractTests
{
    // Set to write the extract anew from the lists, after looking at what was used.
    private const string WriteVariable = "DEVICEMQTT_WRITE_EXTRACT";

    private static readonly string[] Projects = ["DeviceMqtt.Wire", "DeviceMqtt.Device", "DeviceMqtt.Device.Esp32"];

    [TestMethod]
    public void Extract_HasEveryMemberThatTheDeviceProjectsUse()
    {
        NanoApi extract = NanoApi.FromExtract(NanoApi.ExtractPath);

        string[] offences =
        [
            .. Projects.SelectMany(project => Check(extract, project).Offences.Select(offence => $"{project}: {offence}")),
            .. DeviceTestsCheckTests.Check(extract).Offences.Select(offence => $"device tests: {offence}"),
        ];

        Assert.IsGreaterThan(100, extract.Used.Count);
        Assert.IsEmpty(offences, string.Join(Environment.NewLine, offences));
    }

    [TestMethod]
    public void Extract_IsPartOfTheListsAndHasWhatIsUsed()
    {
        string? folder = NanoApi.FindFolder();
        if (folder is null)
        {
            Assert.Inconclusive($"The lists of nanoFramework's members are not there: set {NanoApi.FolderVariable} to their folder (nano-api).");
        }

        NanoApi lists = new(folder, forAdapters: true);
        foreach (string project in Projects)
        {
            Check(lists, project);
        }

        DeviceTestsCheckTests.Check(lists);

        if (Environment.GetEnvironmentVariable(WriteVariable) is not null)
        {
            File.WriteAllText(NanoApi.ExtractPath, TextOf(lists.Used));
        }

        NanoApi extract = NanoApi.FromExtract(NanoApi.ExtractPath);
        string[] missing = [.. lists.Used.Except(extract.Lines, StringComparer.Ordinal)];
        string[] invented = [.. extract.Lines.Except(lists.Lines, StringComparer.Ordinal)];
        Assert.IsEmpty(missing, $"set {WriteVariable}=1 once to write the extract anew: {string.Join(Environment.NewLine, missing)}");
        Assert.IsEmpty(invented, string.Join(Environment.NewLine, invented));
    }

    private static IlReport Check(NanoApi api, string project) =>
        new IlChecker(api, Projects).Check(Path.Combine(AppContext.BaseDirectory, project + ".dll"));

    private static string TextOf(IEnumerable<string> used) => string.Concat(
        used.Select(line => line.Split('\t')).GroupBy(parts => parts[0], StringComparer.Ordinal)
            .Select(list => $"# {list.Key}\n{string.Concat(list.Select(parts => parts[1] + "\n"))}"));
}
