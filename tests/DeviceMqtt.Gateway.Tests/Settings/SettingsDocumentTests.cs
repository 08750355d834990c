using System.Reflection;
using DeviceMqtt.Broker.Sessions;
using DeviceMqtt.Broker.Topics;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Observability;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Tls;
using DeviceMqtt.Relay.Settings;

namespace DeviceMqtt.Gateway.Tests.Settings;

/// <summary>Whoever looks for a setting finds it in the documents.</summary>
[TestClass]
internal sealed class SettingsDocumentTests
{
    [TestMethod]
    [DataRow(typeof(GroupPolicy), "settings.md")]
    [DataRow(typeof(TopicRule), "settings.md")]
    [DataRow(typeof(SysOptions), "settings.md")]
    [DataRow(typeof(MqttOptions), "settings.md")]
    [DataRow(typeof(LogOptions), "settings.md")]
    [DataRow(typeof(SecurityOptions), "security.md")]
    [DataRow(typeof(TlsOptions), "settings.md")]
    [DataRow(typeof(RelayOptions), "relay.md")]
    [DataRow(typeof(GatewayLimits), "limits.md")]
    public void Setting_Each_StandsInItsDocument(Type options, string document)
    {
        string text = File.ReadAllText(Path.Combine(Docs(), document));
        string[] missing = [.. options.GetProperties(BindingFlags.Public | BindingFlags.Instance | BindingFlags.DeclaredOnly)
            .Where(p => p.CanWrite)
            .Select(p => p.Name)
            .Where(name => !text.Contains(name, StringComparison.Ordinal))];
        Assert.IsEmpty(missing, $"{document} does not name {string.Join(", ", missing)}");
    }

    private static string Docs()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
                return Path.Combine(folder.FullName, "gateway", "docs");
        throw new AssertFailedException("DeviceMqtt.sln is in no folder above the test");
    }
}
