using System.Globalization;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Peers;

/// <summary>A board of ours as the gateway sees it: it tells its birth, gets commands and answers them.</summary>
internal sealed class Board(TestClient client)
{
    public const string Id = "GID_a@@@kitchen";
    public const string CommandTopic = "dm/p2p/" + Id;

    public TestClient Client => client;

    public static async Task<Board> ConnectAsync(TestBroker gateway, ProtocolVersion version = ProtocolVersion.V311, int window = 1, bool durable = false)
    {
        Board board = new(durable ? await gateway.ConnectDurableAsync(Id, version) : await gateway.ConnectAsync(Id, version));
        await board.SayAsync(window);
        return board;
    }

    /// <summary>Connects as a board that has told its birth before, and does not get to it now.</summary>
    public static async Task<Board> ConnectSilentAsync(TestBroker gateway, ProtocolVersion version = ProtocolVersion.V311, bool durable = false) =>
        new(durable ? await gateway.ConnectDurableAsync(Id, version) : await gateway.ConnectAsync(Id, version));

    /// <summary>Tells the birth.</summary>
    public async Task SayAsync(int window = 1)
    {
        string birth = $$"""{"id":"{{Id}}","fw":"1","board":"b","b":1,"up":1,"win":{{window}},"cmd":["relay.set! on:b","interval.set~ every:n","ping"]}""";
        _ = await client.SendPublishAsync("dm/kitchen/info", birth, QoS.AtMostOnce, retain: true);
    }

    /// <summary>A command, and the answer to it.</summary>
    public static string Command(int number, string command = "relay.set", string more = "") =>
        $$"""{"id":"k{{number.ToString(CultureInfo.InvariantCulture)}}","cmd":"{{command}}","from":"app"{{more}}}""";

    public Task AnswerAsync(int number, string status = "ok") =>
        client.SendPublishAsync("dm/p2p/app", $$"""{"id":"k{{number.ToString(CultureInfo.InvariantCulture)}}","st":"{{status}}","code":0}""");

    public async Task ExpectAsync(int number, bool dup = false)
    {
        ReceivedPublish received = await client.ReceivePublishAndAckAsync();
        Assert.StartsWith($"{{\"id\":\"k{number}\"", received.Payload, StringComparison.Ordinal);
        Assert.AreEqual(dup, received.Dup);
    }
}
