using static DeviceMqtt.Protocol.Tests.Versions;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Sound packets of every type and version: what the fuzz targets start from.</summary>
internal static class SoundPackets
{
    public static IEnumerable<object[]> Rows => All.Select(row => new object[] { row.Packet, row.Version });

    public static (string Packet, ProtocolVersion Version)[] All =>
    [
        ("10 : <MQIsdp> 03 C6 00 3C <a> <w/t> <bye> <user> <pass>", V31),
        ("10 : <MQTT> 04 EE 00 3C <client> <w/t> <bye> <user> <pass>", V311),
        ("10 : <MQTT> 04 26 00 3C <dev1> <presence/dev1> <false>", V311),
        ("10 : <MQTT> 05 C6 00 3C 14 11 00 00 00 0A 21 00 05 26 <k> <v> 22 00 01 17 00 <c> 0B 18 00 00 00 05 01 01 03 <j> <w> <x> <u> <p>", V5),
        ("20 02 01 00", V31),
        ("20 02 01 00", V311),
        ("20 : 00 00 0F 12 <id> 21 00 05 26 <k> <v>", V5),
        ("30 : <dm/dev1/tele/air> '{\"n\":1}'", V31),
        ("3D : <dm/p2p/\u00e9\u20ac> 00 07 'on'", V311),
        ("32 : <t> 00 01 0C 01 01 23 00 02 02 00 00 00 3C 0B 05 'x'", V5),
        ("30 : <> 0B 23 00 02 08 <r> 09 <c> 'x'", V5),
        ("40 02 00 01", V311),
        ("40 : 00 01 10 04 1F <x>", V5),
        ("50 02 00 01", V31),
        ("50 : 00 01 97", V5),
        ("62 02 00 01", V311),
        ("62 : 00 01 92 07 26 <k> <v>", V5),
        ("70 02 00 01", V31),
        ("70 : 00 01 92 00", V5),
        ("82 : 00 01 <a/b> 01 <c/#> 02", V31),
        ("82 : 00 01 <+/b> 01 <$share/g/c> 00", V311),
        ("82 : 00 01 03 0B C8 01 <a/+/b> 1D <$share/g/#> 02", V5),
        ("90 04 00 01 00 80", V311),
        ("90 : 00 01 04 1F <x> 01 87", V5),
        ("A2 : 00 01 <a/b> <#>", V311),
        ("A2 : 00 01 07 26 <k> <v> <a/+>", V5),
        ("B0 02 00 01", V311),
        ("B0 : 00 01 04 1F <x> 00 11", V5),
        ("C0 00", V311),
        ("D0 00", V5),
        ("E0 00", V311),
        ("E0 : 8E 0D 11 00 00 00 05 1F <x> 1C <s>", V5),
        ("F0 : 18 0D 15 <am> 16 <x> 1F <y>", V5),
    ];
}
