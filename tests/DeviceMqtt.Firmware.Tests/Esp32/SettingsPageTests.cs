using System.Reflection;

namespace DeviceMqtt.Firmware.Tests.Esp32;

/// <summary>The page about settings and the names in the code are the same.</summary>
[TestClass]
public sealed class SettingsPageTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "docs", "settings.md"));

    [TestMethod]
    public void Page_HasEverySetting() => HasEach(typeof(SettingName), name => $"`{name}`");

    [TestMethod]
    public void Page_HasEveryFile() => HasEach(typeof(FlashFileName), name => $"| `I:\\{name}` |");

    private static void HasEach(Type names, Func<string, string> spelled)
    {
        string[] missing =
        [
            .. names.GetFields(BindingFlags.Public | BindingFlags.Static).Select(field => spelled((string)field.GetRawConstantValue()!))
                .Where(text => !Page.Contains(text, StringComparison.Ordinal)),
        ];

        Assert.IsEmpty(missing, string.Join(' ', missing));
    }
}
