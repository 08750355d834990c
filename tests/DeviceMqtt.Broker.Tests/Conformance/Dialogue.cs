using System.Globalization;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Protocol;

namespace DeviceMqtt.Broker.Tests.Conformance;

/// <summary>
/// A conversation between clients and the gateway in exact bytes, one line for each step, in the notation of <see cref="Packet"/>:
/// <code>
/// a 5.0           client a connects with 3.1, 3.1.1 or 5.0, with nothing that would outlive the connection, and is accepted
/// a 5.0 kept      the same with a Session that stays
/// a open          a network connection on which nothing was sent
/// a> C0 00        client a sends this packet
/// a&lt; D0 00        client a gets exactly these bytes next
/// a silent        nothing was sent to client a
/// a closed        the gateway has closed the connection, and sent nothing before
/// a drops         the client's network connection ends without DISCONNECT
/// 60 s            so much time passes
/// </code>
/// </summary>
internal static class Dialogue
{
    public static async Task RunAsync(string script, Action<GatewayLimits>? limits = null)
    {
        await using TestBroker gateway = TestBroker.Start(limits);
        Dictionary<string, TestClient> clients = new(StringComparer.Ordinal);
        foreach (string line in script.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                await StepAsync(gateway, clients, line);
            }
            catch (AssertFailedException failure)
            {
                throw new AssertFailedException($"at the line '{line}': {failure.Message}", failure);
            }
        }
    }

    private static async Task StepAsync(TestBroker gateway, Dictionary<string, TestClient> clients, string line)
    {
        string[] words = line.Split(' ', 2);
        string name = words[0].TrimEnd('<', '>');
        if (words[0].EndsWith('>'))
            await clients[name].SendAsync(Packet.Of(words[1]));
        else if (words[0].EndsWith('<'))
            await ExpectAsync(clients[name], Packet.Of(words[1]));
        else if (words[1] == "s")
            gateway.Advance(double.Parse(name, CultureInfo.InvariantCulture));
        else if (words[1] == "silent")
            await clients[name].ExpectNothingAsync();
        else if (words[1] == "closed")
            await ExpectEndAsync(clients[name]);
        else if (words[1] == "drops")
            await clients[name].DropAsync();
        else
            clients[name] = await OpenAsync(gateway, name, words[1]);
    }

    private static async Task<TestClient> OpenAsync(TestBroker gateway, string name, string how) => how switch
    {
        "open" => gateway.Open(),
        "3.1" => await gateway.ConnectAsync(name, ProtocolVersion.V31),
        "3.1.1" => await gateway.ConnectAsync(name),
        "3.1.1 kept" => await gateway.ConnectDurableAsync(name),
        "5.0" => await gateway.ConnectAsync(name, ProtocolVersion.V5),
        "5.0 without reasons" => await gateway.ConnectAsync(name, ProtocolVersion.V5, properties: new ConnectProperties { RequestProblemInformation = false }),
        "5.0 kept" => await gateway.ConnectDurableAsync(name, ProtocolVersion.V5),
        _ => throw new ArgumentException($"'{name} {how}' is no step of a dialogue", nameof(how)),
    };

    private static async Task ExpectAsync(TestClient client, byte[] expected)
    {
        ReceivedPacket packet = await client.ReceiveAsync();
        Assert.AreEqual(Convert.ToHexString(expected), Convert.ToHexString(packet.Bytes), $"came {packet}");
    }

    private static async Task ExpectEndAsync(TestClient client)
    {
        ReceivedPacket? surplus = await client.TryReceiveAsync();
        Assert.IsNull(surplus, $"before the end came {surplus}");
        await client.WaitForEndAsync();
    }
}
