namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Node-RED as it is in npm.</summary>
internal static class NodeRedPackage
{
    // The last of the versions that run on Node.js 20, in which the flow was tried first.
    private static readonly NpmPackage Package = new("node-red@4.1.15", "node-red");

    /// <summary>Starts it with a flow.</summary>
    /// <param name="flow">Its JSON.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="folder">Of its settings.</param>
    public static Task<ChildProcess> Start(string flow, int port, TestFolder folder)
    {
        _ = folder.Write("flows.json", flow);
        _ = folder.Write("settings.js", $"module.exports = {{ flowFile: 'flows.json', uiPort: {port}, uiHost: '127.0.0.1', telemetry: {{ enabled: false }} }}");
        return Package.Run(Path.Combine("node_modules", "node-red", "red.js"), ["-u", folder.Path]);
    }
}
