using System.CommandLine;
using System.Net;
using DeviceMqtt.Device;

namespace DeviceMqtt.Simulator;

/// <summary><c>boards</c>: runs virtual boards against a gateway until Ctrl-C.</summary>
internal static class BoardsCommand
{
    internal static Command Create()
    {
        Option<string> gateway = new("--gateway") { Description = "Where the gateway listens: host:port, or mqtt://host:port.", DefaultValueFactory = _ => "127.0.0.1:1883" };
        Option<int> devices = new("--devices") { Description = "How many boards, 1 to 5000.", DefaultValueFactory = _ => 3 };
        Option<string> prefix = new("--prefix") { Description = "First level of the topics.", DefaultValueFactory = _ => "dm" };
        Option<int> seed = new("--seed") { Description = "Seed of the values; board n uses seed + n - 1.", DefaultValueFactory = _ => 1 };
        Option<string> group = new("--group") { Description = "Group of the Client Identifiers: {group}@@@board-{n}.", DefaultValueFactory = _ => "GID_sim" };
        Option<int> period = new("--period-ms") { Description = "Milliseconds between two readings, 10 or more.", DefaultValueFactory = _ => 1000 };
        Option<string?> user = new("--user") { Description = "User name." };
        Option<string?> password = new("--password") { Description = "Password." };
        Option<bool> quiet = new("--quiet") { Description = "Say only what went wrong." };
        Option<double> wifiDrops = Seconds("--wifi-drops", "Seconds between two drops of a board's Wi-Fi, on average; 0 for never.");
        Option<double> reboots = Seconds("--reboots", "Seconds between two restarts of a board, on average; 0 for never.");
        Option<double> brownOuts = Seconds("--brown-outs", "Seconds between two power failures of a board, on average; 0 for never.");
        Option<double> noClock = new("--no-clock") { Description = "Share of boots in which no time server answers, 0 to 1." };
        Option<int> slowFlash = new("--slow-flash-ms") { Description = "Milliseconds that a write to flash takes.", DefaultValueFactory = _ => 0 };
        noClock.Validators.Add(result => Check(result.GetValueOrDefault<double>() is >= 0 and <= 1, result, "--no-clock is 0 to 1"));
        slowFlash.Validators.Add(result => Check(result.GetValueOrDefault<int>() is >= 0 and <= 10_000, result, "--slow-flash-ms is 0 to 10000"));
        devices.Validators.Add(result => Check(result.GetValueOrDefault<int>() is >= 1 and <= 5000, result, "--devices is 1 to 5000"));
        period.Validators.Add(result => Check(result.GetValueOrDefault<int>() >= 10, result, "--period-ms is 10 or more"));
        gateway.Validators.Add(result => Check(TryParseAddress(result.GetValueOrDefault<string>(), out _, out _), result, "--gateway is host:port or mqtt://host:port"));

        Command command = new("boards", "Run virtual boards until Ctrl-C.")
        {
            gateway, devices, prefix, seed, group, period, user, password, quiet, wifiDrops, reboots, brownOuts, noClock, slowFlash,
        };
        command.SetAction((parsed, cancelled) =>
        {
            if (!TryParseAddress(parsed.GetValue(gateway), out string host, out int port))
            {
                throw new InvalidOperationException("--gateway was checked");
            }

            VirtualBoardOptions Describe(int n) => new()
            {
                Host = host,
                Port = port,
                ClientId = $"{parsed.GetValue(group)}@@@board-{n}",
                UserName = parsed.GetValue(user),
                Password = parsed.GetValue(password),
                Prefix = parsed.GetValue(prefix)!,
                Seed = parsed.GetValue(seed) + n - 1,
                Period = TimeSpan.FromMilliseconds(parsed.GetValue(period)),
                ButtonEvery = TimeSpan.FromSeconds(20),
            };
            MishapOptions mishaps = new()
            {
                WifiDropEvery = Every(parsed.GetValue(wifiDrops)),
                RebootEvery = Every(parsed.GetValue(reboots)),
                BrownOutEvery = Every(parsed.GetValue(brownOuts)),
                NoClockShare = parsed.GetValue(noClock),
                FlashWriteTime = TimeSpan.FromMilliseconds(parsed.GetValue(slowFlash)),
            };
            UnluckyBoard[] boards = [.. Enumerable.Range(1, parsed.GetValue(devices)).Select(n => new UnluckyBoard(Describe(n), mishaps))];
            return RunAsync(boards, parsed.GetValue(quiet), cancelled);
        });
        return command;
    }

    private static async Task<int> RunAsync(UnluckyBoard[] boards, bool isQuiet, CancellationToken cancelled)
    {
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancelled);
        try
        {
            Task[] running = [.. boards.Select(board => RunAsync(board, isQuiet, either.Token))];
            // A board ends by itself only if its loop threw: a defect, which ends the others, and which WhenAll throws again.
            await Task.WhenAny(running);
            await either.CancelAsync();
            await Task.WhenAll(running);
            return 0;
        }
        catch (ArgumentException e)
        {
            await Console.Error.WriteLineAsync($"wrong setting: {e.Message}");
            return 2;
        }
    }

    private static async Task RunAsync(UnluckyBoard board, bool isQuiet, CancellationToken cancelled)
    {
        board.Happened += (_, happened) => Print(happened, isQuiet);
        await using (board)
            await board.RunAsync(cancelled);
    }

    private static Option<double> Seconds(string name, string description)
    {
        Option<double> option = new(name) { Description = description };
        option.Validators.Add(result => Check(result.GetValueOrDefault<double>() is >= 0 and <= 1e6, result, $"{name} is a number of seconds"));
        return option;
    }

    private static TimeSpan? Every(double seconds) => seconds > 0 ? TimeSpan.FromSeconds(seconds) : null;

    private static void Print(BoardEventArgs happened, bool isQuiet)
    {
        bool isTrouble = happened.Note is DeviceNote.ConnectFailed or DeviceNote.LinkLost or DeviceNote.SensorFailed or DeviceNote.OutboxDropped or DeviceNote.MessageIgnored;
        if (isTrouble || !isQuiet)
        {
            Console.WriteLine(happened);
        }
    }

    private static void Check(bool isValid, System.CommandLine.Parsing.OptionResult result, string message)
    {
        if (!isValid)
        {
            result.AddError(message);
        }
    }

    private static bool TryParseAddress(string? text, out string host, out int port)
    {
        host = string.Empty;
        port = 0;
        // As the commands of the gateway have it.
        const string scheme = "mqtt://";
        if (text?.StartsWith(scheme, StringComparison.Ordinal) == true)
        {
            text = text[scheme.Length..];
        }

        int colon = text?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !int.TryParse(text![(colon + 1)..], out port) || port is < IPEndPoint.MinPort + 1 or > IPEndPoint.MaxPort)
        {
            return false;
        }

        host = text[..colon].Trim('[', ']');
        return Uri.CheckHostName(host) != UriHostNameType.Unknown;
    }
}
