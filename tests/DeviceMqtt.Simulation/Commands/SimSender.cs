using System.Text.Json;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Commands;

/// <summary>Sends commands with fresh ids, and writes down what it is told of them.</summary>
internal sealed class SimSender(string id, ProtocolVersion version, SimWorld world, SimGateway gateway, Dictionary<string, SentCommand> history)
    : Peer(id, isDurable: true, version, world, gateway)
{
    private int _sent;

    public void Send(string board)
    {
        if (!IsOn)
            return;
        SentCommand command = new($"{Id}-{++_sent}", board, 5 + World.Random.Next(60), World.NowMs);
        history.Add(command.Id, command);
        World.Tell($"{Id} sends {command.Id} to {board}");
        Publish($"dm/p2p/{board}", $$"""{"id":"{{command.Id}}","cmd":"relay.set","from":"{{Id}}","ttl":{{command.TtlSeconds}}}""");
    }

    protected override void Welcome() => Subscribe($"$gw/receipt/{Id}");

    protected override void Acknowledged(string payload)
    {
        using JsonDocument json = JsonDocument.Parse(payload);
        history[json.RootElement.GetProperty("id").GetString()!].AcknowledgedMs = World.NowMs;
    }

    protected override void Receive(string topic, string payload)
    {
        using JsonDocument json = JsonDocument.Parse(payload);
        if (!json.RootElement.TryGetProperty("id", out JsonElement about) || !history.TryGetValue(about.GetString()!, out SentCommand? command))
            return;
        string status = json.RootElement.GetProperty("st").GetString()!;
        World.Tell($"{Id} is told of {command.Id} on {topic}: {status}");
        if (topic.StartsWith("$gw/receipt/", StringComparison.Ordinal))
            _ = command.Receipts.Add(json.RootElement.TryGetProperty("why", out JsonElement why) ? $"{status} {why.GetString()}" : status);
        else
            command.IsAnswered = true;
    }
}
