#:property PublishAot=false
// The test command: dotnet run tests/run.cs
//
// Builds everything once, runs the test projects under tests/, two at a time and EndToEnd beside them, and closes with "N passed, N failed, N skipped".
// Without --all those that take minutes are left out, and named. With --all, --filter or --project it first installs mosquitto,
// nats-server, Chromium, Prometheus and strace, and with --long rabbitmq-server, with apt-get where they are missing and that can be done. Exit code 0: something ran and
// nothing failed. What the deadline keeps from running is a failure, and is named.

using System.Diagnostics;
using System.Globalization;
using System.Xml.Linq;

const string Usage = """
    dotnet run tests/run.cs -- [options]
      --all                  every project, also those that take minutes, as CI does
      --filter EXPRESSION    only the tests that match, of all projects, as `dotnet test --filter` has it: "FullyQualifiedName~Retained"
      --project NAME         only the test projects whose name contains NAME, whatever time they take
      --configuration NAME   Debug (default) or Release
      --lanes N              how many projects run at once, 1 to 8; default 2, or 1 on a machine with one core, and one more while EndToEnd runs
      --long                 --all, and what there is one of each kind of in the others: every disk fault, attack, other broker and page of the documents, fifty kills,
                             a million cases for each fuzz target, a journal of 1 GB: up to two hours
      --no-install           leave the machine as it is: tests whose outside program is missing are skipped
    """;
const int WrongUsage = 2;
const string GatewayVariable = "DEVICEMQTT_TEST_GATEWAY";
// What takes more than half a minute, the longest first.
string[] Longest = ["EndToEnd.Tests", "EndToEnd.Tests.Durability", "Console.Tests", "EndToEnd.Tests.Pages", "EndToEnd.Tests.Relay", "Gateway.Tests", "Simulation", "Custody.Tests", "Journal.Tests"];

// It waits for other programs most of its time: in one run it is still at it when the other lanes have nothing left to do. So these parts of it run by themselves, and the rest.
const string EndToEnd = "DeviceMqtt.EndToEnd.Tests";
(string Name, string[] Namespaces)[] parts = [("Pages", ["Pages", "Packages"]), ("Relay", ["Relay"]), ("Durability", ["Durability", "Boards"])];

// Whole programs, outside programs, browsers, compilers and thousands of seeds.
string[] Slow = ["EndToEnd", "Simulation", "Samples", "Firmware", "Console", "Fuzz"];

string filter = "";
string projectName = "";
string configuration = "Debug";
bool isLong = false;
bool isAll = false;
bool install = true;
const int LanesMax = 8;
int lanes = Math.Min(2, Environment.ProcessorCount);
int besideEndToEnd = 1; // it takes an eighth of a core: it waits for timeouts, for other programs and for what dies
for (int i = 0; i < args.Length; i++)
{
    bool hasValue = i + 1 < args.Length;
    switch (args[i])
    {
        case "--filter" when hasValue: filter = args[++i]; break;
        case "--project" when hasValue: projectName = args[++i]; break;
        case "--configuration" when hasValue: configuration = args[++i]; break;
        case "--lanes" when hasValue && int.TryParse(args[i + 1], CultureInfo.InvariantCulture, out int n) && n is >= 1 and <= LanesMax: (lanes, besideEndToEnd) = (n, 0); i++; break;
        case "--all": isAll = true; break;
        case "--long": isLong = isAll = true; break;
        case "--no-install": install = false; break;
        default:
            Console.Error.WriteLine(args[i] is "--help" or "-h" ? Usage : $"'{args[i]}' is no option of the test command, or lacks its value.\n{Usage}");
            return WrongUsage;
    }
}

// The whole run is to stay under 20 minutes. What hangs shall be killed by us, with a report, and not by the CI machine; what is slow because its host is, shall come to its end.
using CancellationTokenSource deadline = new(TimeSpan.FromMinutes(isLong ? 180 : 24));
Stopwatch clock = Stopwatch.StartNew();
string root = FindRoot();
string results = Path.Combine(root, "artifacts", "test-results");
List<TestResult> all = [];
string[] left = [];
Lock output = new();

// Who names what is to run gets it.
isAll |= projectName.Length > 0 || filter.Length > 0;
if (install && isAll)
    InstallOutsidePrograms();

Headline("Build");
Console.WriteLine("Restores packages and builds: a minute or two, the first time more.");
// One compiler for all projects, which is stopped again: started anew for each, it takes four times as long.
// Code that counts itself, or is compiled anew in the first second, pays in a process that lives for long: not in a compiler, nor in a gateway that a test starts. Measured for the build, with room to make garbage in as well: 98 s instead of 176.
List<(string Name, string Value)> forProcesses = [("DOTNET_TieredPGO", "0"), ("DOTNET_TC_CallCountingDelayMs", "64")];
(string Name, string Value)[] forCompilers = [("DOTNET_GCgen0size", "0x8000000"), .. forProcesses];
// What analyzers say of the tests, a build by hand tells, and the other runs of this command: it takes a quarter of the build.
string analysis = $"-p:LeaveAnalysisOfTests={args.Contains("--all") && !isLong}";
string[] forBuilds = ["--nologo", "--verbosity", "quiet", "--configuration", configuration, "-p:UseSharedCompilation=true"];
int built = Run("dotnet", ["build", Path.Combine(root, "DeviceMqtt.sln"), .. forBuilds, analysis], environment: forCompilers);
if (built == 0 && isAll && EndToEnd.Contains(projectName, StringComparison.OrdinalIgnoreCase) && Environment.GetEnvironmentVariable(GatewayVariable) is not { Length: > 0 })
    CompileGateway();
Run("dotnet", ["build-server", "shutdown", "--vbcscompiler"], _ => { });
if (built != 0)
{
    all.Add(new TestResult("dotnet build", Outcome.Failed, "the build failed, see above", TimeSpan.Zero));
    return Report();
}

string[] projects = [.. Directory.EnumerateFiles(Path.Combine(root, "tests"), "*.Tests.csproj", SearchOption.AllDirectories)
    .Concat(Directory.EnumerateFiles(Path.Combine(root, "tests"), "DeviceMqtt.Simulation.csproj", SearchOption.AllDirectories))
    .Where(path => Path.GetFileName(path).Contains(projectName, StringComparison.OrdinalIgnoreCase))
    .Order(StringComparer.Ordinal)];
left = isAll ? [] : [.. projects.Where(path => Array.Exists(Slow, name => Path.GetFileName(path).Contains(name, StringComparison.Ordinal)))];
projects = [.. projects.Except(left)];
if (projects.Length == 0)
    Console.Error.WriteLine($"There is no test project whose name contains '{projectName}'.");
// The longest first, so that the lanes end together; the rest by name.
Queue<Job> waiting = new(projects.SelectMany(JobsOf).OrderBy(job => Array.FindIndex(Longest, name => job.Name == $"DeviceMqtt.{name}") is var place and >= 0 ? place : Longest.Length));
List<string> under = [];
using Timer progress = new(_ => SayWhatRuns(), state: null, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(30));
Thread[] running = [.. Enumerable.Range(0, lanes + besideEndToEnd).Select(_ => new Thread(RunLane))];
Array.ForEach(running, static lane => lane.Start());
Array.ForEach(running, static lane => lane.Join());
await progress.DisposeAsync();
return Report();

// The tests start the gateway many hundred times: compiled before, it takes half as much to start. Without it they start it as it was built.
void CompileGateway()
{
    string folder = Path.Combine(root, "artifacts", "compiled");
    string[] compiled = ["-p:PublishReadyToRun=true", "-p:PublishReadyToRunCrossgen2ExtraArgs=", "-p:RunAnalyzers=false", "-p:GenerateDocumentationFile=false"];
    string[] places = ["--artifacts-path", folder, "--output", Path.Combine(folder, "gateway")]; // apart from the build: neither finds the other's
    if (Run("dotnet", ["publish", Path.Combine(root, "gateway", "DeviceMqtt.Gateway"), .. forBuilds, "--use-current-runtime", "--self-contained", "false", .. compiled, .. places], environment: [.. forCompilers]) == 0)
        forProcesses.Add((GatewayVariable, Path.Combine(folder, "gateway", "DeviceMqtt.Gateway.dll")));
    else
        Console.WriteLine("The gateway could not be compiled beforehand: it is started as it was built, which takes longer.");
}

Job[] JobsOf(string project)
{
    string name = Path.GetFileNameWithoutExtension(project);
    if (name != EndToEnd || filter.Length > 0)
        return [new Job(project, name, filter)];
    string rest = string.Join('&', parts.SelectMany(static part => part.Namespaces).Select(static ns => $"FullyQualifiedName!~{EndToEnd}.{ns}."));
    return [new Job(project, name, rest), .. parts.Select(part => new Job(project, $"{name}.{part.Name}", string.Join('|', part.Namespaces.Select(static ns => $"FullyQualifiedName~{EndToEnd}.{ns}."))))];
}

void RunLane()
{
    while (true)
    {
        Job? job;
        lock (output)
        {
            if (!waiting.TryPeek(out job) || under.Count >= LanesWith(job))
                return;
            _ = waiting.Dequeue();
            under.Add(job.Name);
        }

        RunTests(job);
        lock (output)
            under.Remove(job.Name);
    }
}

// With what runs, and with that one.
int LanesWith(Job job) => lanes + (under.Append(job.Name).Any(static name => name.StartsWith(EndToEnd, StringComparison.Ordinal)) ? besideEndToEnd : 0);

void SayWhatRuns()
{
    lock (output)
    {
        if (under.Count > 0)
            Console.WriteLine($"[{clock.Elapsed.TotalSeconds,4:F0} s] {string.Join(" and ", under)} running, {waiting.Count} to go");
    }
}

static string FindRoot()
{
    // `dotnet run FILE` tells the app where FILE is, so that it does not matter from where it is called.
    DirectoryInfo? folder = new(AppContext.GetData("EntryPointFileDirectoryPath") as string ?? Directory.GetCurrentDirectory());
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DeviceMqtt.sln")))
        folder = folder.Parent;
    return folder?.FullName ?? throw new InvalidOperationException("there is no DeviceMqtt.sln in the folders above tests/run.cs");
}

void RunTests(Job job)
{
    string name = job.Name;
    string folder = Path.Combine(results, name);
    if (Directory.Exists(folder))
        Directory.Delete(folder, recursive: true);

    if (deadline.IsCancellationRequested)
    {
        Add([new TestResult(name, Outcome.Failed, "did not run: the deadline of the whole run was over", TimeSpan.Zero)]);
        return;
    }

    Say($"[{clock.Elapsed.TotalSeconds,4:F0} s] {name} begins");
    List<string> arguments =
    [
        // The assembly, and not its project: that would be evaluated once more, four seconds of a core for each.
        "test", Path.Combine(Path.GetDirectoryName(job.Project)!, "bin", configuration, "net10.0", Path.GetFileNameWithoutExtension(job.Project) + ".dll"), "--nologo",
        "--logger", "trx;LogFileName=tests.trx", "--logger", "console;verbosity=minimal", "--results-directory", folder,
        // A test that hangs is named in the output, and the others' results are not lost.
        "--blame-hang-timeout", isLong ? "60m" : "5m", "--blame-hang-dump-type", "none",
    ];
    if (job.Filter.Length > 0)
        arguments.AddRange(["--filter", job.Filter]);
    List<string> lines = [];
    // EndToEnd takes the longest, and waits: it goes before the others whenever it has something to do.
    string[] starter = job.Project.Contains(EndToEnd, StringComparison.Ordinal) || !IsOnPath("nice") ? ["dotnet"] : ["nice", "-n", "10", "dotnet"];
    int exitCode = Run(starter[0], [.. starter[1..], .. arguments], line =>
    {
        lock (lines)
            lines.Add(line);
    }, [.. forProcesses]);

    string trx = Path.Combine(folder, "tests.trx");
    List<TestResult> ran = File.Exists(trx) ? ReadResults(trx, name) : [];
    // A crash of the test process, or a run that never began, has no test that could be called failed.
    if (exitCode != 0 && !ran.Exists(result => result.Outcome == Outcome.Failed))
        ran.Add(new TestResult(name, Outcome.Failed, deadline.IsCancellationRequested ? "was ended by the deadline of the whole run" : $"the test run ended with exit code {exitCode}, see above", TimeSpan.Zero));
    Add(ran);
    lock (lines)
        Say($"\n=== {name}, {clock.Elapsed.TotalSeconds:F0} s after the begin of the run\n{string.Join('\n', lines)}");
}

// Lanes add and speak one after the other.
void Add(List<TestResult> results)
{
    lock (output)
        all.AddRange(results);
}

void Say(string text)
{
    lock (output)
        Console.WriteLine(text);
}

static List<TestResult> ReadResults(string trx, string project)
{
    XDocument document = XDocument.Load(trx);
    XNamespace ns = "http://microsoft.com/schemas/VisualStudio/TeamTest/2010";
    Dictionary<string, string> classes = document.Descendants(ns + "UnitTest").ToDictionary(
        test => (string)test.Attribute("id")!, test => ((string?)test.Element(ns + "TestMethod")?.Attribute("className") ?? project).Split('.')[^1]);
    return [.. document.Descendants(ns + "UnitTestResult").Select(result => new TestResult(
        $"{project}: {classes.GetValueOrDefault((string)result.Attribute("testId")!, "")}.{(string?)result.Attribute("testName")}",
        (string?)result.Attribute("outcome") switch
        {
            "Passed" => Outcome.Passed,
            "NotExecuted" or "Inconclusive" or "Skipped" => Outcome.Skipped,
            _ => Outcome.Failed,
        },
        (string?)result.Descendants(ns + "Message").FirstOrDefault() ?? "",
        TimeSpan.TryParse((string?)result.Attribute("duration"), CultureInfo.InvariantCulture, out TimeSpan duration) ? duration : TimeSpan.Zero))];
}

int Report()
{
    const int SlowShown = 5;
    Headline("Summary");
    foreach (TestResult slow in all.OrderByDescending(result => result.Duration).Take(SlowShown).Where(result => result.Duration.TotalSeconds >= 1))
        Console.WriteLine($"slow     {slow.Duration.TotalSeconds,5:F1} s  {slow.Name}");
    foreach (IGrouping<string, TestResult> reason in all.Where(result => result.Outcome == Outcome.Skipped).GroupBy(result => Reason(result.Message)))
    {
        Console.WriteLine($"skipped  {reason.Key}");
        foreach (TestResult skipped in reason)
            Console.WriteLine($"           {skipped.Name}");
    }

    foreach (TestResult failed in all.Where(result => result.Outcome == Outcome.Failed))
        Console.WriteLine($"FAILED   {failed.Name}\n    {failed.Message.Trim().ReplaceLineEndings("\n    ")}");

    int passes = all.Count(result => result.Outcome == Outcome.Passed);
    int failures = all.Count(result => result.Outcome == Outcome.Failed);
    if (left.Length > 0)
        Console.WriteLine($"not run  {string.Join(", ", left.Select(Path.GetFileNameWithoutExtension))}: they take minutes. 'dotnet run tests/run.cs -- --all' runs them, too.");
    Console.WriteLine($"The whole run took {clock.Elapsed.TotalSeconds:F0} s.");
    Console.WriteLine($"{passes} passed, {failures} failed, {all.Count(result => result.Outcome == Outcome.Skipped)} skipped");
    return failures == 0 && passes > 0 ? 0 : 1;
}

static string Reason(string message)
{
    // MSTest's own words stand before the reason.
    string reason = message.Trim().Split('\n')[0].Replace("Assert.Inconclusive. ", "", StringComparison.Ordinal).Trim();
    return reason.Length > 0 ? reason : "without a reason";
}

static void Headline(string text) => Console.WriteLine($"\n=== {text}");

// Debian keeps daemons in /usr/sbin, which is not on everybody's PATH.
static bool IsOnPath(string program) =>
    $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin".Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)) || File.Exists(Path.Combine(folder, program + ".exe")));

// Nothing here may fail the run: what cannot be had, the tests that need it report as skipped.
void InstallOutsidePrograms()
{
    (string Program, string Package)[] wanted =
        [("mosquitto", "mosquitto"), ("mosquitto_sub", "mosquitto-clients"), ("nats-server", "nats-server"), ("chromium-headless-shell", "chromium-headless-shell"),
            ("prometheus", "prometheus"), ("strace", "strace"), .. isLong ? [("rabbitmq-server", "rabbitmq-server")] : Array.Empty<(string, string)>()];
    string[] missing = [.. wanted.Where(w => !IsOnPath(w.Program)).Select(w => w.Package)];
    if (missing.Length == 0 || !IsOnPath("apt-get"))
        return;

    string names = string.Join(", ", missing);
    string[] asRoot = Environment.UserName == "root" ? [] : ["sudo", "-n"];
    if (asRoot.Length > 0 && (!IsOnPath("sudo") || Run("sudo", ["-n", "true"]) != 0))
    {
        Console.WriteLine($"Missing, and to be installed only by root or with sudo without a password: {names}. Tests that need it are skipped.");
        return;
    }

    Headline($"Install {names}");
    // The packages would start brokers now and at each boot. Nobody asked for one: policy-rc.d (Debian policy
    // 9.3.3.1) denies the start while we install, and the service is switched off where systemd would start it later.
    // A policy that was there before may have allowed it: what runs under a user that was made only now is stopped.
    // Under users that were there a broker may be in use: theirs are left alone.
    const string Script = """
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            trap 'rm -f "$policy"' EXIT
            printf '#!/bin/sh\nexit 101\n' > "$policy"
            chmod 755 "$policy"
        fi
        newcomers=
        for user in mosquitto nats rabbitmq epmd prometheus; do
            id "$user" >/dev/null 2>&1 || newcomers="$newcomers $user"
        done
        export DEBIAN_FRONTEND=noninteractive
        options="-q -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 -o Acquire::Retries=2 -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30"
        apt-get $options update || echo "apt-get update failed; trying with the package lists that are there"
        # One by one: not every distribution has all of them.
        for package in "$@"; do
            apt-get $options install -y --no-install-recommends "$package" || echo "$package cannot be installed"
        done
        for user in $newcomers; do
            if [ -d /run/systemd/system ]; then
                systemctl disable --now "$user.service" "$user-server.service" "$user.socket" 2>/dev/null
            fi
            for process in /proc/[0-9]*; do
                if [ "$(stat -c %U "$process" 2>/dev/null)" = "$user" ]; then
                    kill "${process#/proc/}" 2>/dev/null || true
                fi
            done
        done
        exit 0
        """;
    string[] command = [.. asRoot, "sh", "-c", Script, "sh", .. missing];
    if (Run(command[0], command[1..]) != 0)
        Console.WriteLine($"Installing did not work: tests that need {names} are skipped.");
}

// Runs a program whose output goes to `line`, or where ours goes; the exit code, or -1 when it could not start or had to be killed.
int Run(string program, IReadOnlyList<string> arguments, Action<string>? line = null, params (string Name, string Value)[] environment)
{
    ProcessStartInfo info = new(program, arguments) { UseShellExecute = false, RedirectStandardOutput = line is not null, RedirectStandardError = line is not null };
    info.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
    info.Environment["MSBUILDTERMINALLOGGER"] = "off";
    foreach ((string name, string value) in environment)
        info.Environment[name] = value;
    if (isLong)
    {
        info.Environment.TryAdd("DEVICEMQTT_LONG", "1");
        info.Environment.TryAdd("DEVICEMQTT_FUZZ_CASES", "1000000");
        info.Environment.TryAdd("DEVICEMQTT_KILLS", "50");
        info.Environment.TryAdd("DEVICEMQTT_CASES_TIMES", "10");
    }
    try
    {
        using Process process = Process.Start(info) ?? throw new InvalidOperationException($"{program} did not start");
        using CancellationTokenRegistration killer = deadline.Token.Register(() => process.Kill(entireProcessTree: true));
        if (line is not null)
        {
            process.OutputDataReceived += (_, e) => Take(e.Data);
            process.ErrorDataReceived += (_, e) => Take(e.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
        }

        process.WaitForExit();
        return deadline.IsCancellationRequested ? -1 : process.ExitCode;
    }
    catch (System.ComponentModel.Win32Exception exception)
    {
        Console.Error.WriteLine($"{program}: {exception.Message}");
        return -1;
    }

    void Take(string? text)
    {
        if (text is not null)
            line(text);
    }
}

internal enum Outcome
{
    Passed,
    Skipped,
    Failed,
}

/// <summary>A project whose tests run in one process: all of them, or those that the filter names.</summary>
internal sealed record Job(string Project, string Name, string Filter);

internal sealed record TestResult(string Name, Outcome Outcome, string Message, TimeSpan Duration);
