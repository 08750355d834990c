using System.Diagnostics;
using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;

namespace DeviceMqtt.Firmware.Tests.IlCheck;

/// <summary>How much code a board carries: what firmware/docs/size.md says must be what is compiled, give or take a tenth.</summary>
[TestClass]
public sealed class SizeTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "docs", "size.md"));

    public required TestContext TestContext { get; set; }

    [TestMethod]
    [DataRow("DeviceMqtt.Wire")]
    [DataRow("DeviceMqtt.Device")]
    [DataRow("DeviceMqtt.Device.Esp32")]
    public void Code_OfADeviceAssembly_IsAsLargeAsThePageSays(string assembly)
    {
        Match row = Row(assembly).Match(Page);
        Assert.IsTrue(row.Success, $"size.md has no row of {assembly}");

        (int methods, int bytes) = Measure(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));

        TestContext.WriteLine($"{assembly}: {methods} methods, {bytes} bytes of IL");
        Assert.AreEqual(bytes, int.Parse(row.Groups[IsOptimized() ? "release" : "debug"].Value.Replace(",", "", StringComparison.Ordinal), System.Globalization.CultureInfo.InvariantCulture), bytes / 10.0, "bytes of IL");
        Assert.AreEqual(methods, int.Parse(row.Groups["methods"].Value, System.Globalization.CultureInfo.InvariantCulture), methods / 10.0, "methods");
    }

    private static Regex Row(string assembly) => new($@"\| `{Regex.Escape(assembly)}` \| (?<methods>\d+) \| (?<debug>[\d,]+) \| (?<release>[\d,]+) \|", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static bool IsOptimized() => typeof(DeviceLoop).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };

    private static (int Methods, int Bytes) Measure(string path)
    {
        using PEReader pe = new(File.OpenRead(path));
        MetadataReader reader = pe.GetMetadataReader();
        int[] bodies =
        [
            .. reader.MethodDefinitions.Select(handle => reader.GetMethodDefinition(handle).RelativeVirtualAddress)
                .Where(address => address != 0).Select(address => pe.GetMethodBody(address).GetILBytes()!.Length),
        ];
        return (bodies.Length, bodies.Sum());
    }
}
