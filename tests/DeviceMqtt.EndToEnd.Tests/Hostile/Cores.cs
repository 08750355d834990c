using System.Diagnostics;
using System.Globalization;

namespace DeviceMqtt.EndToEnd.Tests.Hostile;

/// <summary>
/// For figures: the gateway has the first core to itself, and the boards go before the attacker on the second, as if they were on machines of
/// their own. For the rest nobody is put anywhere.
/// </summary>
internal static class Cores
{
    /// <summary>A file that gets a line for each attack; none when it is not set.</summary>
    public const string ReportVariable = "DEVICEMQTT_HOSTILE_REPORT";

    private const string Gateway = "0";
    private const string Load = "1";

    public static string? Report => Environment.GetEnvironmentVariable(ReportVariable) is { Length: > 0 } file ? file : null;

    /// <summary>What stands before the command that starts the gateway.</summary>
    public static string[] OfTheGateway => Report is null ? [] : ["taskset", "-c", Gateway];

    /// <summary>What stands before the command that starts the boards. Only root may go before others; who is not is warned.</summary>
    public static string[] OfTheBoards => Report is null ? [] : ["nice", "-n", "-10", "taskset", "-c", Load];

    /// <summary>The attacker is in this process.</summary>
    public static void MoveTheAttacker()
    {
        if (Report is null)
            return;
        using Process move = Process.Start("taskset", ["-a", "-p", "-c", Load, Environment.ProcessId.ToString(CultureInfo.InvariantCulture)]);
        move.WaitForExit();
        Assert.AreEqual(0, move.ExitCode, "taskset");
    }
}
