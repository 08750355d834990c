using System.Diagnostics;
using DeviceMqtt.EndToEnd.Tests.Durability;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>
/// Commands from a real upstream that breaks and comes back, while the gateway is killed once: each that the upstream has acknowledged
/// reaches its device and nobody else, answers go back, and the presence of the gateway upstream tells the truth in the end.
/// </summary>
[TestClass]
public sealed class CommandsOverEnginesTests
{
    private const int Devices = 3;
    private const int CommandsEach = 5; // in each part: before, during and after the fault
    private const int LinesOfADevice = 30; // of what mosquitto_sub says, when a test fails
    private const string Presence = "presence/gateway-under-test";
    private static readonly TimeSpan CommandPatience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan TryPatience = TimeSpan.FromSeconds(20); // an upstream without a leader may leave a publisher without an answer

    [TestMethod]
    public async Task Mosquitto_StoppedFrozenAndKilled_EveryCommandArrives() => await Prove(new MosquittoEngine(await MosquittoBroker.Start()));

    [TestMethod]
    [LongRun]
    public async Task NatsCluster_ANodeKilled_EveryCommandArrives() => await Prove(await NatsCluster.Start());

    [TestMethod]
    [LongRun]
    public async Task RabbitMQ_Restarted_EveryCommandArrives() => await Prove(await RabbitEngine.Start());

    private static async Task Prove(UpstreamEngine engine)
    {
        await using UpstreamEngine upstream = engine;
        await using KillableGateway gateway = await KillableGateway.Start(
            "--upstream", upstream.Addresses, "--set", "Relay:ClientId=gateway-under-test", "--set", "Relay:BackoffMinMs=50", "--set", "Relay:BackoffMaxMs=500",
            "--set", "Limits:RelayAnswerSecondsMax=5", "--set", "Security:Rights:board:Publish:0=#", "--set", "Security:Rights:board:Subscribe:0=#", "--set", "Security:LocalRole=board");
        List<MosquittoSub> devices = [];
        try
        {
            for (int i = 0; i < Devices; i++)
                devices.Add(await MosquittoSub.Start(gateway, new SubscriberOptions { ClientId = $"dev-{i}", QoS = 1, CleanSession = false }, "nothing/else"));
            List<string>[] sent = [.. devices.Select(static _ => new List<string>())];
            await WhenCommandsCome(upstream, devices);
            await Command(upstream, sent, "before");
            for (int fault = 0; fault < upstream.Faults; fault++)
            {
                await upstream.Prepare(fault, () => AssertArrive(devices, sent));
                await upstream.Break(fault);
                await gateway.Kill();
                await gateway.Up();
                await upstream.Mend(fault);
                await Command(upstream, sent, $"after fault {fault}");
            }

            await AssertArrive(devices, sent);
            await AnswersGoBack(gateway, upstream);
            await AssertPresence(upstream, "true");
            gateway.Process.Terminate();
            _ = await gateway.Process.WaitForExit();
            await AssertPresence(upstream, "false");
        }
        catch (AssertFailedException failed)
        {
            IEnumerable<string> said = devices.SelectMany(static d => d.Log.Items.TakeLast(LinesOfADevice).Prepend($"{d.ClientId}:"));
            throw new AssertFailedException(string.Join(Environment.NewLine, [failed.Message, .. said, "The gateway:", gateway.Transcript(), "The upstream:", upstream.Reader.Transcript()]), failed);
        }
        finally
        {
            foreach (MosquittoSub device in devices)
                await device.DisposeAsync();
        }
    }

    // What an upstream acknowledged before it had our subscription it has for nobody; from the first that came, they are there.
    private static async Task WhenCommandsCome(UpstreamEngine upstream, List<MosquittoSub> devices)
    {
        for (int i = 0; i < devices.Count; i++)
        {
            long began = Stopwatch.GetTimestamp();
            while (!devices[i].Messages.Items.Any(static m => m.Text == "are you there"))
            {
                Assert.IsLessThan(CommandPatience, Stopwatch.GetElapsedTime(began), $"no command came to dev-{i}");
                _ = await TrySend(upstream, i, "are you there"); // takes a process and a connection of its own, so it is no busy loop
            }
        }
    }

    private static async Task Command(UpstreamEngine upstream, List<string>[] sent, string part)
    {
        for (int n = 0; n < CommandsEach; n++)
        {
            for (int i = 0; i < sent.Length; i++)
            {
                string text = $"{part}, {n} for dev-{i}";
                long began = Stopwatch.GetTimestamp();
                while (!await TrySend(upstream, i, text))
                    Assert.IsLessThan(CommandPatience, Stopwatch.GetElapsedTime(began), "the upstream takes no commands");
                sent[i].Add(text);
            }
        }
    }

    // True when the upstream acknowledged it.
    private static async Task<bool> TrySend(UpstreamEngine upstream, int device, string text)
    {
        try
        {
            await MosquittoPub.Send(upstream.Reader, $"dm/p2p/dev-{device}", text, qos: 1, patience: TryPatience);
            return true;
        }
        catch (AssertFailedException)
        {
            return false; // A cluster that has no leader for the moment.
        }
    }

    private static async Task AssertArrive(List<MosquittoSub> devices, List<string>[] sent)
    {
        for (int i = 0; i < devices.Count; i++)
        {
            foreach (string text in sent[i])
                _ = await devices[i].Messages.WaitFor(m => m.Text == text, $"'{text}' at dev-{i}", patience: CommandPatience);
            Assert.IsFalse(devices[i].Messages.Items.Any(m => m.Topic != $"dm/p2p/dev-{i}"), $"dev-{i} got what was for another");
        }
    }

    private static async Task AnswersGoBack(KillableGateway gateway, UpstreamEngine upstream)
    {
        SubscriberOptions application = new() { ClientId = "application", QoS = 1 };
        await using MosquittoSub reader = await MosquittoSub.Start(upstream.Reader, application, "dm/p2p/application");
        await MosquittoPub.Send(gateway, "dm/p2p/application", "the answer", qos: 1, clientId: "dev-answers");
        _ = await reader.Messages.WaitFor(static m => m.Text == "the answer", "the answer upstream", patience: CommandPatience);
    }

    private static async Task AssertPresence(UpstreamEngine upstream, string expected)
    {
        await using MosquittoSub watcher = await MosquittoSub.Start(upstream.Reader, Presence);
        _ = await watcher.Messages.WaitFor(m => m.Text == expected, $"presence {expected}", patience: CommandPatience);
    }
}
