namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// mqtt.js in the version of driver/package-lock.json, installed beside the test's assembly, once. Where node or the package
/// cannot be had, what needs it is skipped.
/// </summary>
internal static class MqttJsPackage
{
    private static readonly Lazy<Task<string?>> Refusal = new(Install);

    public static string Folder => Path.Combine(AppContext.BaseDirectory, "Js", "driver");

    public static async Task Require()
    {
        if (await Refusal.Value is string reason)
        {
            throw new AssertInconclusiveException(reason);
        }
    }

    private static async Task<string?> Install()
    {
        // npm writes this file last.
        if (OutsideProgram.Find("node") is null)
        {
            return "needs node, which is not on this machine";
        }

        if (File.Exists(Path.Combine(Folder, "node_modules", ".package-lock.json")))
        {
            return null;
        }

        if (OutsideProgram.Find("npm") is not string npm)
        {
            return "needs npm, which is not on this machine";
        }

        await using ChildProcess process = ChildProcess.Start(npm, ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], Folder);
        int exitCode = await process.WaitForExit(TimeSpan.FromMinutes(3));
        return exitCode == 0
            ? null
            : $"needs the npm package mqtt, which cannot be had here: {process.Errors.Items.LastOrDefault(line => line.StartsWith("npm error", StringComparison.Ordinal))}";
    }
}
