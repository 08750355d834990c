namespace DeviceMqtt.EndToEnd.Tests.CommandLine;

/// <summary>An address that cannot be had: one line that names it, exit code 1.</summary>
[TestClass]
public sealed class ListenFailureTests
{
    private const int Failed = 1;

    [TestMethod]
    public async Task Listen_PortInUse_OneLineNamesItAndExitCodeIs1()
    {
        await using GatewayProcess first = await GatewayProcess.Start();
        using TestFolder data = new();
        await using ChildProcess second = GatewayProcess.Launch(["--listen", $"127.0.0.1:{first.Port}", "--http", "off", "--data", data.Path]);

        await Refusal.OneLine(second, Failed, $"127.0.0.1:{first.Port}");
    }

    [TestMethod]
    public async Task Http_PortInUse_OneLineNamesItAndExitCodeIs1()
    {
        await using GatewayProcess first = await GatewayProcess.Start();
        using TestFolder data = new();
        await using ChildProcess second = GatewayProcess.Launch(
            ["--listen", "127.0.0.1:0", "--http", $"127.0.0.1:{first.HttpPort}", "--data", data.Path]);

        await Refusal.OneLine(second, Failed, $"127.0.0.1:{first.HttpPort}");
    }

    [TestMethod]
    [DataRow("192.0.2.1:18830", "--listen", "127.0.0.1:0", "--listen", "192.0.2.1:18830", "--http", "off")]
    [DataRow("192.0.2.1:18831", "--listen", "127.0.0.1:0", "--http", "192.0.2.1:18831")]
    public async Task Listen_AddressThatIsNotOfThisMachine_OneLineNamesItAndExitCodeIs1(string named, params string[] arguments)
    {
        // 192.0.2.0/24 is for documentation (RFC 5737): no machine has it.
        using TestFolder data = new();
        await using ChildProcess process = GatewayProcess.Launch([.. arguments, "--data", data.Path]);

        await Refusal.OneLine(process, Failed, $"cannot listen on {named}: ");
    }
}
