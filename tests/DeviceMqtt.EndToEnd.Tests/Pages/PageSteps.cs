using System.Text.RegularExpressions;
using DeviceMqtt.Gateway.Tests.Settings;

namespace DeviceMqtt.EndToEnd.Tests.Pages;

/// <summary>The commands of the pages, and what a page says of them in its sentences: what was there before, what stays, and how it ends.</summary>
internal static class PageSteps
{
    /// <summary>Before <see cref="Given"/> of this kind the rest is a program that stays, behind its first word and a colon.</summary>
    public const string Stays = "stays:";

    /// <summary>Before <see cref="Given"/> of this kind the rest is the first word of what is ended.</summary>
    public const string Ends = "ends:";

    /// <summary>Before <see cref="Given"/> of this kind the rest is the name of a board that connects.</summary>
    public const string Board = "board:";

    private const string LetOperatorIn = $"echo {Desk.Password} | devicemqtt user add op --role operator --password-file -";
    private const string NewOperator = $"echo {Desk.Password} | devicemqtt user add maria --role operator --password-file -";
    private const string Api = "curl -sS --fail-with-body -c jar -b jar -H 'X-DeviceMqtt: 1' -H 'content-type: application/json'";
    private const string Aside = "{ \"Listen\": [ \"127.0.0.1:1883\" ], \"Http\": \"127.0.0.1:8080\", \"Upstream\": \"mqtt://127.0.0.1:UPSTREAM\", \"Relay\": { \"BackoffMinMs\": 50 } }";
    private const string Fleet = "--data var/hall --listen 127.0.0.1:0 --http off --set Relay:ClientId=hall-1 --set 'Relay:Rules:0:Filter=$gw/gateway' --set 'Relay:Rules:0:Topic=gateway/{gateway}' --set Relay:Rules:0:BufferQoS0=false";

    /// <summary>What a page takes for granted before one of its commands: a page, what the command contains, and what was done before.</summary>
    public static readonly (string Page, string Line, string Before)[] Given =
    [
        ("operating.md", "status mqtt://", NewOperator),
        ("operating.md", "restore", "systemctl stop devicemqtt; rm -r /var/lib/devicemqtt"),
        ("operating.md", "upgrade-check", "systemctl start devicemqtt"),
        ("console.md", "trace --client", "mosquitto_pub -p 1883 -i kitchen -q 1 -t dm/kitchen/evt/button -m '{\"n\":1}'"),
        ("console.md", "trace --command", "mosquitto_pub -p 1883 -i app -q 1 -t dm/p2p/kitchen -m '{\"id\":\"k7f3\",\"cmd\":\"ping\",\"from\":\"app\",\"ttl\":100}'"),
        ("console.md", "devices?q=state:offline", LetOperatorIn),
        ("console.md", "devices?q=state:offline", $$"""{{Api}} -d '{"name":"op","password":"{{Desk.Password}}"}' http://127.0.0.1:8080/api/v1/session"""),
        ("console.md", "devices?q=state:offline", $$"""{{Api}} -d '{"name":"programs","role":"operator"}' -o key.json http://127.0.0.1:8080/api/v1/keys"""),
        ("console.md", "kitchen/commands", Board + "kitchen"),
        ("console.md", "Otlp:", "systemctl stop devicemqtt"),
        ("README.md", "send kitchen", Board + "kitchen"),
        ("clusters.md", "fleet status", NewOperator),
        ("clusters.md", "fleet status", $"echo {Desk.Password} | devicemqtt user add hall-1 --role bridge --password-file -"),
        ("clusters.md", "fleet status", $"{Stays}connected as:devicemqtt run {Fleet} --upstream mqtt://hall-1:secret@127.0.0.1:1883"),
        ("relay.md", "relay aside list", "echo 'topic readwrite #\ntopic deny bad/#' > acl; echo 'listener UPSTREAM 127.0.0.1\nallow_anonymous true\nacl_file acl\nuser root' > refusing.conf"),
        ("relay.md", "relay aside list", $"{Stays} running:mosquitto -c refusing.conf 2>&1"),
        ("relay.md", "relay aside list", $"echo '{Aside}' > /etc/devicemqtt/gateway.json; systemctl restart devicemqtt"),
        ("relay.md", "relay aside list", "for n in 1 2 3 4; do mosquitto_pub -p 1883 -q 1 -t bad/$n -m $n; done; until devicemqtt relay aside list | grep bad/4; do :; done"),
        ("broken-card.md", "cp -a /var", "systemctl start devicemqtt; mkdir -p /mnt/stick/; devicemqtt backup /mnt/stick/gateway.backup; systemctl stop devicemqtt"),
        ("broken-card.md", "journal salvage", "rm -r /var/lib/devicemqtt"),
        ("broken-card.md", "devicemqtt backup", "rm /mnt/stick/gateway.backup"),
        ("stolen-board.md", "device remove", $"{NewOperator}; devicemqtt device add kitchen --board esp32-devkitc --wifi there --wifi-open"),
        ("security.md", "asks for the password", "devicemqtt user remove maria"),
        ("security.md", "device add kitchen --board esp32-devkitc --wifi \"YOUR WIFI\"", "devicemqtt device remove kitchen || true"),
        ("security.md", "device rotate", "devicemqtt device add kitchen --board esp32-devkitc --wifi there --wifi-open || true"),
        ("security.md", "devicemqtt run", "systemctl stop devicemqtt"),
        ("firmware/README.md", "mkdir -m 700", $"echo {Desk.Password} | devicemqtt user password kitchen --password-file -"),
        ("firmware/README.md", "user add kitchen", "devicemqtt device remove kitchen"),
        ("firmware/README.md", "mosquitto_sub -u op", $"echo {Desk.Password} | devicemqtt user password op --password-file -; for each in sub pub; do echo '-P {Desk.Password}' > ~/.config/mosquitto_$each; done"),
        ("firmware/README.md", "Simulator -- boards --gateway", "devicemqtt user remove op; devicemqtt user remove kitchen"),
        ("first-evening.md", "boards --user boards", $"echo {Desk.Password} | devicemqtt user password boards --password-file -"),
        ("first-evening.md", "--ttl 10m", Ends + "Measured climate"),
    ];

    // What stays until somebody ends it, and the first that is seen of it.
    private static readonly (string Line, string FirstWord)[] Staying =
    [
        ("DeviceMqtt.Gateway -- --listen", "listening mqtt"),
        ("--project gateway/DeviceMqtt.Gateway$", "listening mqtt"),
        ("^devicemqtt run$", "listening mqtt"),
        ("--set Otlp:Endpoint", "listening mqtt"),
        ("Simulator -- demo$", "board"),
        ("Simulator -- boards .*--quiet", "LinkLost"),
        ("Simulator -- boards", "Measured climate"),
        ("samples/Broker", "listening"),
    ];

    // What a command ends with that does not succeed, as its page says; and what it says.
    private static readonly (string Page, string Line, int Code, string Said)[] Endings =
    [
        ("first-evening.md", "--ttl 10m", 1, ""),
        ("first-evening.md", "send board-1 ping", 0, "ok"),
        ("BrokerWithRules", "wrong", 5, "not authori"),
        ("BrokerWithRules", "home/garden/temp", 0, "ot authori"),
        ("console.md", "devices?q=state:offline", 0, "\"total\""),
        ("console.md", "kitchen/commands", 0, "\"id\""),
        ("console.md", "commands/ID", 0, "\"ok\""),
        ("README.md", "send kitchen", 0, "ok"),
        ("clusters.md", "fleet status", 0, "hall-1   well"),
        ("relay.md", "relay aside list", 0, "bad/3"),
        ("firmware/README.md", "flash.sh", 0, "the gateway has seen it: {\"id\":\"GID_home@@@kitchen\""),
    ];

    /// <summary>What is said behind a command so that it is parsed whole, and then takes no minutes.</summary>
    public static readonly (string Line, string More, int Code, string Said)[] Shortened =
    [
        ("DeviceMqtt.Benchmarks -- ", " --peers nobody", 2, "There is no peer `nobody`"),
        ("DeviceMqtt.Fuzz.Tests -- ", " --target packets --replay c000", 0, ""),
        ("tests/run\\.cs", " --help", 2, "dotnet run tests/run.cs -- [options]"),
        ("packaging/build\\.cs", " --help", 2, "dotnet run gateway/packaging/build.cs -- [options]"),
    ];

    /// <summary>A page's commands in their order, without those that <paramref name="isNotRun"/> names.</summary>
    public static IEnumerable<(string Where, string Line)> Of(string page, Func<string, bool> isNotRun) => Documents.Commands().Where(c => PageOf(c.Where) == page && !isNotRun(c.Line));

    public static string PageOf(string where) => where.Split(", line ")[0];

    /// <summary>The first that is seen of a command that stays; null for one that ends.</summary>
    public static string? FirstWord(string command) => Array.Find(Staying, s => Regex.IsMatch(command, s.Line, RegexOptions.None, TimeSpan.FromSeconds(1))).FirstWord;

    /// <summary>What is wrong with how a command has ended; null when it is as the page says.</summary>
    public static string? Wrong(string page, string line, (int Code, string Said) result)
    {
        (_, string? more, int code, string? said) = Array.Find(Shortened, s => Regex.IsMatch(line, s.Line, RegexOptions.None, TimeSpan.FromSeconds(1)));
        if (more is null)
            (_, _, code, said) = Array.Find(Endings, e => page.Contains(e.Page, StringComparison.Ordinal) && line.Contains(e.Line, StringComparison.Ordinal));
        return result.Code == code && result.Said.Contains(said ?? "", StringComparison.Ordinal) ? null : $"ends with {result.Code} instead of {code}{(said is { Length: > 0 } ? $" and '{said}'" : "")}: {result.Said}";
    }

    /// <summary>The command of a line: behind two blanks, or behind #, the page says what it does; &amp; leaves the shell to whoever reads.</summary>
    public static string Cut(string line) => line.StartsWith("devicemqtt ", StringComparison.Ordinal) || line.StartsWith("sudo devicemqtt ", StringComparison.Ordinal)
        ? line.Split("  ")[0] : line.Contains('\n', StringComparison.Ordinal) ? line : line.Split(" #")[0].TrimEnd().TrimEnd('&');
}
