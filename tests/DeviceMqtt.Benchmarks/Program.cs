using System.CommandLine;
using System.Runtime.InteropServices;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using DeviceMqtt.Benchmarks;
using DeviceMqtt.Benchmarks.Ceiling;
using DeviceMqtt.Benchmarks.Peers;

var micro = new Command("micro", "Codec and topic matching with BenchmarkDotNet; its own options follow, for example --filter '*'.")
{
    TreatUnmatchedTokensAsErrors = false,
};
micro.SetAction(static arguments =>
{
    // Its reports belong to what a build leaves, not into the folder one happens to be in.
    IConfig config = DefaultConfig.Instance.WithArtifactsPath(Path.Combine(AppContext.BaseDirectory, "reports"));
    BenchmarkSwitcher.FromAssembly(typeof(BrokerBenchmark).Assembly).Run([.. arguments.UnmatchedTokens], config);
});

var port = new Option<int>("--port") { Required = true };
var nullBroker = new Command(NullPeer.CommandName, "The broker that only forwards, started by the benchmark itself.") { port };
nullBroker.Hidden = true;
nullBroker.SetAction(arguments => NullBroker.Run(arguments.GetValue(port)));

var root = new RootCommand("Benchmarks of DeviceMqtt.") { BrokerCommand.Create(), micro, nullBroker };
// .NET 10 lets a signal end the process at once, and System.CommandLine would wait for the run to end: brokers are stopped in ProcessExit.
using PosixSignalRegistration stop = PosixSignalRegistration.Create(PosixSignal.SIGTERM, static _ => Environment.Exit(128 + 15));
using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, static _ => Environment.Exit(128 + 2));
return root.Parse(args).Invoke(new InvocationConfiguration { ProcessTerminationTimeout = null });
