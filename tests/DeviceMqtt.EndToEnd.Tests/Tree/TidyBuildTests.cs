using System.Xml.Linq;

namespace DeviceMqtt.EndToEnd.Tests.Tree;

/// <summary>One solution with everything in it, one place for package versions.</summary>
[TestClass]
public sealed class TidyBuildTests
{
    [TestMethod]
    public void Solution_HasEveryProject()
    {
        string solution = Repository.Read("DeviceMqtt.sln").Replace('\\', '/');

        Findings.AreNone(Repository.Files(".csproj").Where(path => !solution.Contains($"\"{path}\"", StringComparison.Ordinal)), "not in DeviceMqtt.sln");
    }

    [TestMethod]
    public void PackageVersions_AreCentral()
    {
        string[] versioning = ["Version", "VersionOverride"];
        IEnumerable<string> own = Repository.Files(".csproj", "Directory.Build.props", "Directory.Build.targets")
            .SelectMany(path => Repository.ReadXml(path).Descendants("PackageReference").Select(package => (Path: path, Package: package)))
            .Where(found => versioning.Any(name => found.Package.Attribute(name) is not null || found.Package.Element(name) is not null))
            .Select(found => $"{found.Path}: {found.Package}");

        Findings.AreNone(own, "versions stand in Directory.Packages.props");
    }

    [TestMethod]
    public void PackageReferences_AreReferencedSomewhere()
    {
        const string Comment = "Not referenced by name:";
        string central = Repository.Read("Directory.Packages.props");
        // What stands behind that comment is pinned for packages that packages ask for.
        string direct = central.Split(Comment)[0];
        HashSet<string> used = new(
            Repository.Files(".csproj", ".props")
                .SelectMany(path => Repository.ReadXml(path).Descendants("PackageReference"))
                .Select(package => package.Attribute("Include")?.Value ?? package.Attribute("Update")?.Value ?? ""),
            StringComparer.OrdinalIgnoreCase);

        IEnumerable<string> unused = XDocument.Parse(central).Descendants("PackageVersion")
            .Select(package => package.Attribute("Include")!.Value)
            .Where(name => direct.Contains($"\"{name}\"", StringComparison.Ordinal) && !used.Contains(name));
        Findings.AreNone(unused, "versions of packages nobody uses");
    }
}
