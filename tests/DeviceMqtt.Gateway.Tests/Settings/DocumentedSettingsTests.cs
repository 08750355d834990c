using System.Text.RegularExpressions;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>A gateway would start with every piece of settings that the documents show.</summary>
[TestClass]
internal sealed partial class DocumentedSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-documents").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Document_EachPieceOfSettings_IsSound()
    {
        string file = Path.Combine(_folder, "settings.json");
        List<string> wrong = [];
        int count = 0;
        foreach (Documents.Block block in Documents.Blocks().Where(static b => b.Language == "json" && b.Where.StartsWith("gateway", StringComparison.Ordinal)))
        {
            count++;
            // A file that is named is there.
            File.WriteAllText(file, FileName().Replace(Whole(string.Join('\n', block.Lines).Trim()), $"\"{file}\""));
            try
            {
                _ = GatewayHost.Promises(ConfigCheck.Read(file, [], new Dictionary<string, string?>(StringComparer.Ordinal)));
            }
            catch (SettingException exception)
            {
                wrong.Add($"{block.Where}: {exception.Message}");
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
        Assert.IsGreaterThan(15, count, "the settings were not found");
    }

    // Some documents show a section, a list or a rule alone.
    private static string Whole(string text) => text switch
    {
        ['"', ..] when text.StartsWith("\"Rules\"", StringComparison.Ordinal) => $"{{ \"Relay\": {{ {text} }} }}",
        ['"', ..] => $"{{ {text} }}",
        _ when text.StartsWith("{ \"Direction\"", StringComparison.Ordinal) || text.StartsWith("{ \"Filter\"", StringComparison.Ordinal) => $"{{ \"Relay\": {{ \"Rules\": [ {text} ] }} }}",
        _ => text,
    };

    [GeneratedRegex("\"/etc/devicemqtt/[^\"]*\"")]
    private static partial Regex FileName();
}
