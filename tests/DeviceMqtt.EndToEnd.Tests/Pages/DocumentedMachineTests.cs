using System.Text.RegularExpressions;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>
/// The pages whose commands install the package, or are for root and systemd: each command of them runs as it stands on a machine of its own, called
/// raspberrypi, which is this machine once more.
/// </summary>
[TestClass]
public sealed class DocumentedMachineTests
{
    private const string Maria = $"echo {Desk.Password} | devicemqtt user add maria --role operator --password-file -";
    private const string Api = "curl -sS --fail-with-body -c jar -b jar -H 'X-DeviceMqtt: 1' -H 'content-type: application/json'";

    // Step 3 of the page on the network, which opens the console, too.
    private const string OpenConsole = """echo '{ "Listen": [ "127.0.0.1:1883", "mqtts://*:8883" ], "Http": "127.0.0.1:8080,https://*:8443" }' > /etc/devicemqtt/gateway.json""";

    // What only there has to be done before a command, beside PageSteps.Given.
    private static readonly (string Page, string Line, string Before)[] Given =
    [
        ("install.md", "mkdir -p /usr/share/dotnet", "apt-get purge -y devicemqtt"),
        ("install.md", "mkdir -p /usr/share/dotnet", "NODOTNET"),
        ("install.md", "dotnet publish", "apt-get purge -y devicemqtt"),
        ("network.md", "config check", OpenConsole),
        ("network.md", "mosquitto_sub", $"cp /var/lib/devicemqtt/tls/ca.pem .; echo {Desk.Password} | devicemqtt user password maria --password-file -"),
        ("from-mosquitto.md", "import /etc", "mkdir -p /etc/mosquitto; printf 'listener 1883 127.0.0.1\\nallow_anonymous true\\npersistence true\\n' > /etc/mosquitto/mosquitto.conf"),
        ("security.md", "mosquitto_sub", $"devicemqtt cert init; cp /var/lib/devicemqtt/tls/ca.pem .; {Maria}; systemctl restart devicemqtt"),
        ("grafana.md", "127.0.0.1:8080/metrics", $"devicemqtt cert init; cp /var/lib/devicemqtt/tls/ca.pem .; {OpenConsole}; systemctl restart devicemqtt; {Maria}"),
        ("grafana.md", "127.0.0.1:8080/metrics", $$"""{{Api}} -d '{"name":"maria","password":"{{Desk.Password}}"}' http://127.0.0.1:8080/api/v1/session && {{Api}} -d '{"name":"prometheus","role":"monitor"}' -o key.json http://127.0.0.1:8080/api/v1/keys"""),
    ];

    // What shows that a command has done what it is for.
    private static readonly (string Page, string Line, string Then)[] After =
    [
        ("raspberry-pi", "enable systemd-time-wait-sync", "systemctl is-enabled systemd-time-wait-sync"),
        ("raspberry-pi", "systemctl edit", "systemctl show -p After devicemqtt | grep -w time-sync.target"),
        ("network.md", "systemctl restart", "[ \"$(stat -c %U /var/lib/devicemqtt/journal)\" = devicemqtt ] && [ ! -e /var/lib/devicemqtt/.local ]"),
        ("from-mosquitto.md", "--to", "systemctl restart devicemqtt && devicemqtt status"),
        ("operating.md", "restore", "systemctl start devicemqtt && devicemqtt status"),
        ("install.md", "systemctl enable --now", "devicemqtt=/opt/devicemqtt/DeviceMqtt.Gateway.dll; systemctl is-active devicemqtt && /usr/bin/dotnet $devicemqtt status --data /var/lib/devicemqtt"),
    ];

    // What a command says there, where it could succeed without having done anything.
    private static readonly (string Page, string Line, string Said)[] Says =
    [
        ("install.md", "apt install", "devicemqtt: "),
        ("raspberry-pi", "apt install", "devicemqtt: running."),
        ("grafana.md", "/metrics", "devicemqtt_"),
    ];

    /// <summary>The pages, by their path.</summary>
    public static readonly string[] Pages =
    [
        "gateway/docs/install.md", "hardware/raspberry-pi/README.md", "gateway/docs/how-to/network.md", "gateway/docs/operating.md", "gateway/docs/how-to/broken-card.md",
        "gateway/docs/how-to/grafana.md", "gateway/docs/security.md", "gateway/docs/from-mosquitto.md",
    ];

    // Of this page the rest would need a network there: a board is told how it finds the gateway.
    private static bool IsFor(string page, string line) => NotRun.Why(line) is null
        && (page.EndsWith("security.md", StringComparison.Ordinal) ? NotRun.WhyAtDesk(line) is not null : !Array.Exists(PageSteps.Shortened, s => Regex.IsMatch(line, s.Line, RegexOptions.None, TimeSpan.FromSeconds(1))));

    [TestMethod]
    [LongRun]
    public async Task Pages_OnAMachineWithSystemd_EachCommandInItsOrderEndsAsThePageSays()
    {
        await using MachineDesk desk = await MachineDesk.Start();
        List<string> wrong = [];
        foreach (string page in Pages)
        {
            await desk.BeginAsync(hasPackage: !PageSteps.Of(page, static line => NotRun.Why(line) is not null).Any(static c => c.Line.Contains("apt install", StringComparison.Ordinal)));
            foreach ((string where, string line) in PageSteps.Of(page, line => !IsFor(page, line)))
            {
                foreach ((_, _, string before) in PageSteps.Given.Concat(Given).Where(g => page.EndsWith(g.Page, StringComparison.Ordinal) && line.Contains(g.Line, StringComparison.Ordinal)))
                    if (await desk.RunAsync(before) is { Code: not 0 } failed)
                        wrong.Add($"before {where}: {before}: {failed}");
                string command = PageSteps.Cut(line);
                if (PageSteps.FirstWord(command) is not null)
                    continue; // stays: at a desk
                (int code, string said) = await desk.RunAsync(command);
                string expected = Array.Find(Says, s => page.Contains(s.Page, StringComparison.Ordinal) && line.Contains(s.Line, StringComparison.Ordinal)).Said ?? "";
                if (code != 0 || !said.Contains(expected, StringComparison.Ordinal))
                    wrong.Add($"{where}: {line}: ends with {code}: {string.Join('\n', said.Split('\n').TakeLast(12))}");
                foreach ((_, _, string then) in After.Where(a => page.Contains(a.Page, StringComparison.Ordinal) && line.Contains(a.Line, StringComparison.Ordinal)))
                    if (await desk.RunAsync(then) is { Code: not 0 } failed)
                        wrong.Add($"after {where}: {line}: {then}: {failed}");
            }
        }

        Assert.IsEmpty(wrong, string.Join('\n', wrong));
    }
}
