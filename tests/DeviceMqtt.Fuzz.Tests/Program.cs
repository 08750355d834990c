using System.CommandLine;
using System.Diagnostics;
using DeviceMqtt.Fuzz.Tests.Conversations;
using DeviceMqtt.Fuzz.Tests.Guided;
using DeviceMqtt.Fuzz.Tests.Targets;

namespace DeviceMqtt.Fuzz.Tests;

/// <summary>Fuzzing for as long as one likes. Exit codes: 0 nothing broke, 1 something did (its input is printed), 2 wrong words.</summary>
internal static class Program
{
    private const string Instrumented = "--instrumented";
    private const string ConversationsName = "conversations";

    private static int Main(string[] args)
    {
        BranchMap.Attach();
        Option<double> minutes = new("--minutes") { Description = "How long, shared among the targets.", DefaultValueFactory = static _ => 5 };
        Option<string?> target = new("--target") { Description = $"One of {string.Join(", ", AllTargets.All.Select(static t => t.Name))}, {ConversationsName}; all when not given." };
        Option<string> corpus = new("--corpus") { Description = "Folder of inputs that were worth keeping.", DefaultValueFactory = static _ => Path.GetFullPath("tests/DeviceMqtt.Fuzz.Tests/Corpus") };
        Option<ulong> seed = new("--seed") { Description = "Repeats a run of the conversations, and of the others as long as the corpus is the same.", DefaultValueFactory = static _ => (ulong)Environment.TickCount64 };
        Option<string?> replay = new("--replay") { Description = "Hexadecimal bytes that one target reads once." };
        RootCommand root = new("Feeds whatever reads bytes of strangers with damaged ones.") { minutes, target, corpus, seed, replay };
        root.SetAction(parsed =>
        {
            bool isCopy = args.FirstOrDefault() == Instrumented;
            FuzzTarget[] chosen = [.. AllTargets.All.Where(t => (parsed.GetValue(target) ?? t.Name) == t.Name)];
            bool talks = parsed.GetValue(target) is null or ConversationsName;
            if (chosen.Length == 0 && !talks)
            {
                Console.Error.WriteLine($"--target: there is no '{parsed.GetValue(target)}'");
                return 2;
            }

            if (parsed.GetValue(replay) is { } hex && chosen is [FuzzTarget one])
            {
                one.Read(Convert.FromHexString(hex));
                return 0;
            }

            // The gateway that is talked to is as it is shipped; only what reads in this process notes its branches.
            TimeSpan each = TimeSpan.FromMinutes(parsed.GetValue(minutes)) / (chosen.Length + (talks ? 1 : 0));
            if (isCopy)
                return chosen.Aggregate(true, (sound, t) => Run(t, each, parsed.GetValue(corpus)!, parsed.GetValue(seed)) && sound) ? 0 : 1;
            int exitCode = chosen.Length > 0 ? InstrumentedCopy.Run(args, Instrumented) : 0;
            return !talks || Talk(each, parsed.GetValue(seed)) ? exitCode : 1;
        });
        return root.Parse(args.Where(static a => a != Instrumented).ToArray()).Invoke();
    }

    private static bool Talk(TimeSpan time, ulong seed)
    {
        long began = Stopwatch.GetTimestamp();
        string? wrong = ConversationFuzz.RunAsync(seed, _ => Stopwatch.GetElapsedTime(began) > time).GetAwaiter().GetResult();
        if (wrong is not null)
            Console.WriteLine(wrong);
        return wrong is null;
    }

    private static bool Run(FuzzTarget target, TimeSpan time, string corpusFolder, ulong seed)
    {
        Corpus corpus = Corpus.In(corpusFolder, target.Name);
        corpus.Read(target.Seeds);
        int before = corpus.Inputs.Count;
        FuzzLoop loop = new(target, corpus, seed);
        long began = Stopwatch.GetTimestamp();
        FuzzFailure? failure = loop.Run(() => Stopwatch.GetElapsedTime(began) > time);
        Console.WriteLine($"{target.Name,-14} {loop.Count,12:n0} inputs, {loop.Branches,6:n0} branches, {corpus.Inputs.Count - before} inputs kept, seed {seed}");
        if (failure is not null)
            Console.WriteLine(failure);
        return failure is null;
    }
}
