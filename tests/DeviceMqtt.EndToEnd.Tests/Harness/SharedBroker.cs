namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>
/// One broker for all cases that leave it as they found it: each works under topics and Client Identifiers of its own
/// (<see cref="Unique"/>), as many clients of one broker do in life.
/// </summary>
[TestClass]
public sealed class SharedBroker
{
    private static readonly Lazy<Task<BrokerUnderTest>> Broker = new(() => BrokerUnderTest.Start());

    internal static Task<BrokerUnderTest> Get() => Broker.Value;

    internal static async Task<GatewayProcess> GetGateway() =>
        await Get() as GatewayProcess ?? throw new AssertInconclusiveException($"is about the gateway, and {BrokerUnderTest.Variable} names another broker");

    /// <summary>What the broker said is half of the explanation of a failure.</summary>
    [GlobalTestCleanup]
    public static async Task ReportLog(TestContext context)
    {
        if (context.CurrentTestOutcome == UnitTestOutcome.Failed && Broker.IsValueCreated && Broker.Value.IsCompletedSuccessfully)
        {
            context.WriteLine($"The shared broker's last lines:{Environment.NewLine}{(await Broker.Value).Transcript()}");
        }
    }

    [AssemblyCleanup]
    public static async Task Stop()
    {
        if (Broker.IsValueCreated && Broker.Value.IsCompletedSuccessfully)
        {
            await (await Broker.Value).DisposeAsync();
        }
    }
}
