namespace DeviceMqtt.EndToEnd.Tests.Harness;

/// <summary>A further address of a broker that somebody else started and stops.</summary>
internal sealed class BrokerAddress(BrokerUnderTest broker, int port) : BrokerUnderTest
{
    public override int Port => port;

    public override Uri WebSocketAddress => broker.WebSocketAddress;

    public override string Transcript() => broker.Transcript();

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
