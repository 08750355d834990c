namespace DeviceMqtt.EndToEnd.Tests.Relay.Engines;

/// <summary>A command that the upstream has acknowledged.</summary>
/// <param name="Id">In its envelope.</param>
/// <param name="Gateway">The Client Identifier of the gateway of its board.</param>
/// <param name="Board">The Client Identifier that it is for.</param>
/// <param name="Text">The envelope.</param>
internal sealed record AskedCommand(string Id, string Gateway, string Board, string Text)
{
    public override string ToString() => $"{Id} for {Board}";
}
