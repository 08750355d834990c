using System.Diagnostics;

namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>A listener for MQTT of a program that is not ours.</summary>
internal sealed class OutsideBroker(int port, Func<string> transcript) : BrokerUnderTest
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(10); // one that does not answer is asked again

    public override int Port => port;

    public override Uri WebSocketAddress => throw new InvalidOperationException("it has no WebSockets here");

    public override string Transcript() => transcript();

    /// <summary>A cluster listens before its nodes have found each other; until then it refuses.</summary>
    public async Task WaitUntilItAccepts()
    {
        long began = Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(200));
        while (!await Accepts())
        {
            Assert.IsLessThan(StartPatience, Stopwatch.GetElapsedTime(began), $"no CONNACK. It said:{Environment.NewLine}{Transcript()}");
            _ = await timer.WaitForNextTickAsync();
        }
    }

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<bool> Accepts()
    {
        try
        {
            await using RawMqtt probe = await RawMqtt.Open(this);
            await probe.Send(RawBytes.Connect("harness-probe"));
            _ = await probe.Packets.WaitFor(static packet => packet.Type == RawType.ConnAck, "CONNACK", patience: ProbePatience);
            return true;
        }
        catch (Exception refused) when (refused is IOException or System.Net.Sockets.SocketException or AssertFailedException)
        {
            return false;
        }
    }
}
