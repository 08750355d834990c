using DeviceMqtt.Fuzz.Tests.Conversations;
using DeviceMqtt.Fuzz.Tests.Guided;
using DeviceMqtt.Fuzz.Tests.Targets;

namespace DeviceMqtt.Fuzz.Tests;

/// <summary>Some of each in the normal run; as long as one likes: <c>dotnet run --project tests/DeviceMqtt.Fuzz.Tests -- --minutes 30</c>.</summary>
[TestClass]
[DoNotParallelize]
public sealed class FuzzTests
{
    private const int Rounds = 25;
    private static readonly int Inputs = int.Parse(Environment.GetEnvironmentVariable("DEVICEMQTT_FUZZ_CASES") ?? "5000", System.Globalization.CultureInfo.InvariantCulture);

    public static IEnumerable<object[]> Names => AllTargets.All.Select(static target => new object[] { target.Name });

    [TestMethod]
    [DynamicData(nameof(Names))]
    public void Target_DamagedInput_KeepsItsContract(string name)
    {
        FuzzTarget target = AllTargets.All.Single(t => t.Name == name);
        Corpus corpus = Corpus.In(Path.Combine(AppContext.BaseDirectory, "Corpus"), name);
        corpus.Read(target.Seeds);
        FuzzLoop loop = new(target, corpus, (ulong)Environment.TickCount64);

        FuzzFailure? failure = loop.Run(() => loop.Count >= Inputs);

        Assert.IsNull(failure, failure?.ToString());
    }

    [TestMethod]
    public async Task Conversations_HonestBoardsBeside_LoseNothingAndTheGatewayStays()
    {
        string? wrong = await ConversationFuzz.RunAsync((ulong)Environment.TickCount64, static rounds => rounds >= Rounds);

        Assert.IsNull(wrong, wrong);
    }

    [TestMethod]
    public void Loop_ATargetThatBreaks_SaysSoWithItsInput()
    {
        FuzzTarget broken = new("broken", ["abc"u8.ToArray()], static input =>
        {
            if (input.Length > 0 && input[0] == 'b')
                throw new InvalidOperationException("found");
        });
        Corpus corpus = new(file: null);
        corpus.Read(broken.Seeds);
        FuzzLoop loop = new(broken, corpus, seed: 1);

        FuzzFailure? failure = loop.Run(() => loop.Count >= 1_000_000);

        Assert.IsNotNull(failure);
        Assert.AreEqual((byte)'b', failure.Input[0]);
    }
}
