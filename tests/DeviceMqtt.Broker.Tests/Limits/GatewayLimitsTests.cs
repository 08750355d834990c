using System.Reflection;
using System.Text.RegularExpressions;
using DeviceMqtt.Broker.Words;

namespace DeviceMqtt.Broker.Tests.Limits;

/// <summary>All limits are finite, checked at start, and have a test of their name.</summary>
[TestClass]
internal sealed partial class GatewayLimitsTests
{
    private static readonly PropertyInfo[] All = typeof(GatewayLimits).GetProperties();

    [TestMethod]
    public void Limits_Defaults_Possible() => Assert.IsNull(new GatewayLimits().Check());

    [TestMethod]
    public void Limits_Each_HasBounds()
    {
        string[] bounded = [.. new GatewayLimits().Bounds().Select(b => b.Name)];
        CollectionAssert.AreEquivalent(All.Select(p => p.Name).ToArray(), bounded);
    }

    [TestMethod]
    public void Limits_EachOutsideItsBounds_NamedWithItsValueAndTheRange()
    {
        foreach ((string name, _, long min, long max) in new GatewayLimits().Bounds())
        {
            Assert.IsLessThan(max, min, name);
            foreach (long wrong in new[] { min - 1, max + 1 })
            {
                GatewayLimits limits = new();
                PropertyInfo property = typeof(GatewayLimits).GetProperty(name)!;
                if (property.PropertyType == typeof(int) && wrong is < int.MinValue or > int.MaxValue)
                    continue;
                property.SetValue(limits, Convert.ChangeType(wrong, property.PropertyType, System.Globalization.CultureInfo.InvariantCulture));
                Assert.AreEqual($"Limits:{name} is {wrong}; it must be between {min} and {max}", limits.Check());
            }
        }
    }

    [TestMethod]
    public void Limits_Each_HasATestOfItsName()
    {
        // Some are limits of floors above, and so are their tests.
        DirectoryInfo? root = new(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "DeviceMqtt.sln")))
            root = root.Parent;
        Assert.IsNotNull(root, "DeviceMqtt.sln is not above the tests");
        string[] tests =
        [
            .. Directory.EnumerateFiles(Path.Combine(root.FullName, "tests"), "*Tests.cs", SearchOption.AllDirectories)
                .SelectMany(file => TestName().Matches(File.ReadAllText(file)))
                .Select(match => match.Groups[1].Value),
        ];
        string[] untested = [.. All.Select(p => p.Name).Where(name => !tests.Any(t => t.StartsWith(name + "_", StringComparison.Ordinal)))];
        Assert.IsEmpty(untested, $"no test is named after {string.Join(", ", untested)}");
    }

    [GeneratedRegex(@"public (?:async Task|Task|void) (\w+)\(")]
    private static partial Regex TestName();
}
