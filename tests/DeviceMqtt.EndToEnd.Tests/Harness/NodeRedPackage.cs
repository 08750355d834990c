namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>Node-RED, installed beside the test's assembly, once. Where node or the package cannot be had, what needs it is skipped.</summary>
internal static class NodeRedPackage
{
    // The last of the versions that run on Node.js 20, in which the flow was tried first.
    private const string Package = "node-red@4.1.15";
    private static readonly Lazy<Task<string?>> Refusal = new(Install);

    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Js", "node-red");

    /// <summary>Starts it with a flow.</summary>
    /// <param name="flow">Its JSON.</param>
    /// <param name="port">Where it listens.</param>
    /// <param name="folder">Of its settings.</param>
    public static async Task<ChildProcess> Start(string flow, int port, TestFolder folder)
    {
        if (await Refusal.Value is string reason)
            throw new AssertInconclusiveException(reason);
        _ = folder.Write("flows.json", flow);
        _ = folder.Write("settings.js", $"module.exports = {{ flowFile: 'flows.json', uiPort: {port}, uiHost: '127.0.0.1', telemetry: {{ enabled: false }} }}");
        return ChildProcess.Start(OutsideProgram.Find("node")!, [Path.Combine(Folder, "node_modules", "node-red", "red.js"), "-u", folder.Path]);
    }

    private static async Task<string?> Install()
    {
        if (OutsideProgram.Find("node") is null)
            return "needs node, which is not on this machine";
        // npm writes this file last.
        if (File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
            return null;
        if (OutsideProgram.Find("npm") is not string npm)
            return "needs npm, which is not on this machine";
        _ = Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "package.json"), """{ "private": true }""");
        await using ChildProcess process = ChildProcess.Start(npm, ["install", "--no-audit", "--no-fund", "--ignore-scripts", Package], Folder);
        int exitCode = await process.WaitForExit(TimeSpan.FromMinutes(3));
        return exitCode == 0
            ? null
            : $"needs the npm package {Package}, which cannot be had here: {process.Errors.Items.LastOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal))}";
    }
}
