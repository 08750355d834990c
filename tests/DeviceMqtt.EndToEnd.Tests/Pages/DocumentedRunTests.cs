using System.Text.RegularExpressions;
using DeviceMqtt.Gateway.Tests.Settings;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>Each command of a page does what the page says, in its order, on a machine of its own; but for those that <see cref="NotRun"/> names.</summary>
[TestClass]
public sealed class DocumentedRunTests
{
    // What a page takes for granted before one of its commands: a page, what the command contains, and what was done before.
    private static readonly (string Page, string Line, string Before)[] Given =
    [
        ("operating.md", "status mqtt://", $"echo {Desk.Password} | devicemqtt user add maria --role operator --password-file -"),
        ("operating.md", "restore", "systemctl stop devicemqtt; rm -r /var/lib/devicemqtt"),
        ("operating.md", "upgrade-check", "systemctl start devicemqtt"),
        ("console.md", "trace --client", "mosquitto_pub -p 1883 -i kitchen -q 1 -t dm/kitchen/evt/button -m '{\"n\":1}'"),
        ("console.md", "trace --command", "mosquitto_pub -p 1883 -i app -q 1 -t dm/p2p/kitchen -m '{\"id\":\"k7f3\",\"cmd\":\"ping\",\"from\":\"app\",\"ttl\":100}'"),
        ("broken-card.md", "cp -a /var", "systemctl start devicemqtt; devicemqtt backup /mnt/stick/gateway.backup; systemctl stop devicemqtt"),
        ("broken-card.md", "journal salvage", "rm -r /var/lib/devicemqtt"),
        ("broken-card.md", "devicemqtt backup", "rm /mnt/stick/gateway.backup"),
        ("stolen-board.md", "device remove", $"echo {Desk.Password} | devicemqtt user add maria --password-file -; devicemqtt device add kitchen --board esp32-devkitc --wifi there --wifi-open"),
        ("security.md", "asks for the password", "devicemqtt user remove maria"),
        ("security.md", "device add kitchen --board esp32-devkitc --wifi \"YOUR WIFI\"", "devicemqtt device remove kitchen || true"),
        ("security.md", "device rotate", "devicemqtt device add kitchen --board esp32-devkitc --wifi there --wifi-open || true"),
        ("security.md", "devicemqtt run", "systemctl stop devicemqtt"),
        ("firmware/README.md", "user add kitchen", "devicemqtt device remove kitchen"),
        ("firmware/README.md", "mosquitto_sub -u op", $"echo {Desk.Password} | devicemqtt user password op --password-file -; for each in sub pub; do echo '-P {Desk.Password}' > ~/.config/mosquitto_$each; done"),
    ];

    // What stays until somebody ends it, and the first that is seen of it.
    private static readonly (string Line, string FirstWord)[] Stays =
    [
        ("DeviceMqtt.Gateway -- --listen", "listening mqtt"),
        ("--project gateway/DeviceMqtt.Gateway$", "listening mqtt"),
        ("^devicemqtt run$", "listening mqtt"),
    ];

    public static IEnumerable<object[]> Pages => Documents.Commands().Where(static c => NotRun.Why(c.Line) is null).Select(static c => PageOf(c.Where)).Distinct().Select(static page => new object[] { page });

    [TestMethod]
    [DynamicData(nameof(Pages))]
    public async Task Page_EachCommandInItsOrder_Succeeds(string page)
    {
        if (OperatingSystem.IsWindows())
            Assert.Inconclusive("the commands are a shell's");
        await using Desk desk = new();
        List<string> wrong = [];
        (int code, string said) = await desk.RunAsync("systemctl start devicemqtt");
        Assert.AreEqual(0, code, said);
        foreach ((string where, string line) in Documents.Commands().Where(c => PageOf(c.Where) == page && NotRun.Why(c.Line) is null))
        {
            string command = Cut(line);
            foreach ((_, _, string before) in Given.Where(g => page.EndsWith(g.Page, StringComparison.Ordinal) && line.Contains(g.Line, StringComparison.Ordinal)))
                if (await desk.RunAsync(before) is { Code: not 0 } failed)
                    wrong.Add($"before {where}: {before}: {failed}");
            if (Stays.FirstOrDefault(s => Regex.IsMatch(command, s.Line, RegexOptions.None, TimeSpan.FromSeconds(1))) is { FirstWord: { } word })
            {
                await desk.EndAsync(word);
                if (word.StartsWith("listening", StringComparison.Ordinal))
                    _ = await desk.RunAsync("systemctl stop devicemqtt");
                await desk.StartAsync(command, word);
            }
            else if (await desk.RunAsync(command) is { Code: not 0 } result)
            {
                wrong.Add($"{where}: {line}: {result}");
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }

    [TestMethod]
    public void NotRun_EachRow_IsNeeded()
    {
        string[] lines = [.. Documents.Commands().Select(static c => c.Line)];
        string[] unused = [.. NotRun.Reasons.Select(static r => r.Pattern).Where(pattern => !Array.Exists(lines, line => Regex.IsMatch(line, pattern, RegexOptions.None, TimeSpan.FromSeconds(1))))];
        Assert.IsEmpty(unused, string.Join('\n', unused));
        Assert.IsGreaterThan(75, lines.Count(static line => NotRun.Why(line) is null), "most are run");
    }

    private static string PageOf(string where) => where.Split(", line ")[0];

    // Behind two blanks the page says what it does; & leaves the shell to whoever reads.
    private static string Cut(string line) => line.StartsWith("devicemqtt ", StringComparison.Ordinal) || line.StartsWith("sudo devicemqtt ", StringComparison.Ordinal)
        ? line.Split("  ")[0] : line.Split(" #")[0].TrimEnd().TrimEnd('&');
}
