using System.Text;
using System.Text.RegularExpressions;
using DeviceMqtt.Protocol;
using DeviceMqtt.Simulation.World;

namespace DeviceMqtt.Simulation.Faults;

/// <summary>What boards say as a gateway would read it that is wrong about their time in one respect. Packets keep their lengths.</summary>
internal sealed partial class WrongClock(string wrong) : PacketFault
{
    public override IEnumerable<byte[]> Up(SimLink link, List<byte[]> packets) => packets.Select(Up);

    private byte[] Up(byte[] packet)
    {
        if (packet[0] >> 4 != (int)PacketType.Publish)
            return packet;
        string text = Encoding.Latin1.GetString(packet);
        return Encoding.Latin1.GetBytes(wrong switch
        {
            "takes what comes late for measured now" => text.Replace(",\"h\":1", ",\"x\":1", StringComparison.Ordinal),
            "takes all boots for one" => Boots().Replace(text, static boot => "\"b\":" + new string('7', boot.Length - 4)),
            _ => throw new InvalidOperationException($"'{wrong}' is no fault"),
        });
    }

    [GeneratedRegex("\"b\":[0-9]+", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Boots();
}
