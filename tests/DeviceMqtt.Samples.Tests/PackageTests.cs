using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace DeviceMqtt.Samples.Tests;

/// <summary>The packages hold what their users need, and a program outside this tree builds and runs on them.</summary>
[TestClass]
public sealed class PackageTests
{
    private static readonly string Temporary = Directory.CreateTempSubdirectory("devicemqtt-packages-").FullName;
    private static readonly string Packed = Path.Combine(Temporary, "packed");

    [ClassInitialize]
    public static async Task Pack(TestContext context)
    {
        // This test has built them: it references them all.
        foreach (string package in Tree.Packages.Keys)
            _ = await Dotnet(Tree.Root, "pack", Tree.FolderOf(package), "--no-build", "-c", Tree.Configuration, "-o", Packed, "--nologo");
    }

    [ClassCleanup]
    public static void Clean() => Directory.Delete(Temporary, recursive: true);

    [TestMethod]
    [DataRow("DeviceMqtt.Protocol")]
    [DataRow("DeviceMqtt.Journal")]
    [DataRow("DeviceMqtt.Wire")]
    [DataRow("DeviceMqtt.Broker")]
    [DataRow("DeviceMqtt.Custody")]
    [DataRow("DeviceMqtt.Relay")]
    [DataRow("DeviceMqtt.Client")]
    public void Package_HasAssemblyDocsReadmeAndItsDependenciesAlone(string package)
    {
        using ZipArchive zip = ZipFile.OpenRead(Directory.GetFiles(Packed, $"{package}.*.nupkg").Single());
        string[] files = [.. zip.Entries.Select(entry => entry.FullName).Where(name => !name.StartsWith("_rels/", StringComparison.Ordinal) && !name.StartsWith("package/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        string[] expected = [.. new[] { $"{package}.nuspec", "README.md", "[Content_Types].xml", $"lib/net10.0/{package}.dll", $"lib/net10.0/{package}.xml" }.Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(expected, files, string.Join(", ", files));

        using Stream nuspec = zip.GetEntry($"{package}.nuspec")!.Open();
        XElement metadata = XDocument.Load(nuspec).Root!.Elements().Single();
        XNamespace space = metadata.Name.Namespace;
        Assert.AreEqual("MIT", metadata.Element(space + "license")!.Value);
        Assert.AreEqual("README.md", metadata.Element(space + "readme")!.Value);
        Assert.AreNotEqual("Package Description", metadata.Element(space + "description")!.Value);
        string[] needs = [.. metadata.Descendants(space + "dependency").Select(need => need.Attribute("id")!.Value).Order(StringComparer.Ordinal)];
        CollectionAssert.AreEqual(Tree.Packages[package].Needs, needs, string.Join(", ", needs));
    }

    [TestMethod]
    [LongRun]
    public async Task Program_OutsideTheTree_BuildsAndRunsOnThePackages()
    {
        string program = Directory.CreateDirectory(Path.Combine(Temporary, "program")).FullName;
        string version = Path.GetFileNameWithoutExtension(Directory.GetFiles(Packed, "DeviceMqtt.Relay.*.nupkg").Single())["DeviceMqtt.Relay.".Length..];
        // What is of others comes from the cache that built this test, so that no network is needed; nothing of ours is in it.
        string cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        await File.WriteAllTextAsync(Path.Combine(program, "Program.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <UseAppHost>false</UseAppHost>
                <RestoreSources>{Packed};{cache}</RestoreSources>
                <RestorePackagesPath>{Path.Combine(Temporary, "restored")}</RestorePackagesPath>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="DeviceMqtt.Custody" Version="{version}" />
                <PackageReference Include="DeviceMqtt.Relay" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(program, "Program.cs"), """
            using DeviceMqtt.Broker;
            using DeviceMqtt.Custody;
            using DeviceMqtt.Protocol;
            using DeviceMqtt.Relay;

            UpstreamOptions upstream = new() { Address = "mqtt://127.0.0.1:1883", ClientId = "program" };
            BrokerUpstream link = null;
            await using (DurableBroker durable = await DurableBroker.OpenAsync(args[0], beforeRecovery: broker => link = BrokerUpstream.Attach(broker, upstream)))
                durable.Broker.Publish("a", "b"u8, QoS.AtLeastOnce, retain: true);
            Console.WriteLine($"connected: {link.IsConnected}");
            link.Dispose();
            """);

        _ = await Dotnet(program, "build", "-o", "out", "--nologo");
        string output = await Dotnet(program, "out/Program.dll", Path.Combine(Temporary, "data"));

        Assert.AreEqual("connected: False", output.Trim());
    }

    private static async Task<string> Dotnet(string folder, params string[] arguments)
    {
        ProcessStartInfo start = new("dotnet", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        // No build server stays behind that holds files of the temporary folder.
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        using CancellationTokenSource patience = new(TimeSpan.FromMinutes(5));
        await process.WaitForExitAsync(patience.Token);
        Assert.AreEqual(0, process.ExitCode, $"dotnet {string.Join(' ', arguments)}\n{output}\n{await errors}");
        return output;
    }
}
