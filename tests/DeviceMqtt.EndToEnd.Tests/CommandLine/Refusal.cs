namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>How the gateway says that it cannot run: the exit code, and one line on standard error.</summary>
internal static class Refusal
{
    public static async Task OneLine(ChildProcess process, int exitCode, string named)
    {
        Assert.AreEqual(exitCode, await process.WaitForExit(), process.Transcript());
        Assert.IsEmpty(process.Output.Items, $"on standard output: {process.Transcript()}");
        string line = Assert.ContainsSingle(process.Errors.Items, process.Transcript());
        Assert.Contains(named, line, StringComparison.Ordinal);
    }
}
