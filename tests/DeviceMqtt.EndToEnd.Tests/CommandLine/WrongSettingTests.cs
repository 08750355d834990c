namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>A wrong setting: one line that names it, exit code 2.</summary>
[TestClass]
public sealed class WrongSettingTests
{
    private const int WrongSetting = 2;

    [TestMethod]
    [DataRow("Limits:QueueMessagesMax", "--set", "Limits:QueueMessagesMax=")]
    [DataRow("Security", "--set", "Security=3")]
    [DataRow("Limits:PacketBytesMax", "--set", "Limits:PacketBytesMax=many")]
    [DataRow("Limits:PacketBytesMax", "--set", "Limits:PacketBytesMax=0")]
    [DataRow("Limits:PacketBytesMax", "--set", "Limits:PacketBytesMax=-5")]
    [DataRow("Limits:PacketBytesMax", "--set", "Limits:PacketBytesMax=99999999999999")]
    [DataRow("Limits:NoSuchLimit", "--set", "Limits:NoSuchLimit=1")]
    [DataRow("NoSuchSection", "--set", "NoSuchSection:Key=1")]
    [DataRow("Security:AllowAnonymous", "--set", "Security:AllowAnonymous=maybe")]
    [DataRow("Log:Level", "--set", "Log:Level=Loud")]
    [DataRow("--set", "--set", "no-equals-sign")]
    [DataRow("--set", "--set", "=value")]
    [DataRow("--set", "--set")]
    [DataRow("Listen", "--listen", "nonsense")]
    [DataRow("Listen", "--listen", "127.0.0.1")]
    [DataRow("Listen", "--listen", "127.0.0.1:99999")]
    [DataRow("Listen", "--listen", "127.0.0.1:-1")]
    [DataRow("Listen", "--listen", "")]
    [DataRow("Http", "--http", "on")]
    [DataRow("Http", "--http", "127.0.0.1:")]
    [DataRow("--config", "--config", "")]
    [DataRow("Upstream", "--upstream", "nonsense")]
    [DataRow("Upstream", "--upstream", "http://127.0.0.1:1883")]
    [DataRow("Upstream", "--upstream", "mqtt://")]
    [DataRow("Upstream", "--upstream", "mqtt://127.0.0.1:99999")]
    [DataRow("--config", "--config", "no-such-file.json")]
    [DataRow("Data", "--data", "/dev/null/data")]
    [DataRow("--no-such-option", "--no-such-option")]
    [DataRow("surplus", "surplus")]
    public async Task CommandLine_WrongSetting_OneLineNamesItAndExitCodeIs2(string named, params string[] arguments)
    {
        await using ChildProcess process = GatewayProcess.Launch([.. Harmless(arguments), .. arguments]);

        await AssertRefused(process, named);
    }

    [TestMethod]
    public async Task Config_FileThatIsNotJson_OneLineNamesItAndExitCodeIs2()
    {
        using TestFolder folder = new();
        string file = folder.Write("broken.json", "{ \"Limits\": ");
        await using ChildProcess process = GatewayProcess.Launch(["--listen", "127.0.0.1:0", "--http", "off", "--config", file]);

        await AssertRefused(process, file);
    }

    [TestMethod]
    public async Task Config_UnknownSettingInTheFile_OneLineNamesItAndExitCodeIs2()
    {
        using TestFolder folder = new();
        string file = folder.Write("gateway.json", """{ "Limits": { "PacketBytsMax": 1000 } }""");
        await using ChildProcess process = GatewayProcess.Launch(["--listen", "127.0.0.1:0", "--http", "off", "--config", file]);

        await AssertRefused(process, "PacketBytsMax");
    }

    [TestMethod]
    public async Task Environment_WrongValue_OneLineNamesItAndExitCodeIs2()
    {
        Dictionary<string, string> environment = new() { ["DEVICEMQTT__Limits__InflightMax"] = "lots" };
        await using ChildProcess process = GatewayProcess.Launch(["--listen", "127.0.0.1:0", "--http", "off"], environment);

        await AssertRefused(process, "Limits:InflightMax");
    }

    private static Task AssertRefused(ChildProcess process, string named) => Refusal.OneLine(process, WrongSetting, named);

    // Ports of the kernel's choice and no HTTP, unless the case is about them: a case that wrongly starts must not disturb others.
    private static List<string> Harmless(string[] arguments)
    {
        List<string> harmless = [];
        if (!arguments.Contains("--listen"))
        {
            harmless.AddRange(["--listen", "127.0.0.1:0"]);
        }

        if (!arguments.Contains("--http"))
        {
            harmless.AddRange(["--http", "off"]);
        }

        return harmless;
    }
}
