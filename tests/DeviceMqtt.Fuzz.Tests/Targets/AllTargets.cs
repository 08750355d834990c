using System.Buffers;
using System.Text;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Gateway.Listeners;
using DeviceMqtt.Gateway.Security;
using DeviceMqtt.Gateway.Security.Import;
using DeviceMqtt.Gateway.Security.Rights;
using DeviceMqtt.Gateway.Security.Users;
using DeviceMqtt.Protocol;
using DeviceMqtt.Protocol.Tests;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Fuzz.Tests.Targets;

/// <summary>All that reads bytes which somebody else has written.</summary>
internal static class AllTargets
{
    private const int PacketBytesMax = 1024 * 1024;

    public static FuzzTarget[] All =>
    [
        new("packets", [.. SoundPackets.All.Select(static row => Bytes.Of(row.Packet))], Packets),
        new("filters", Texts("a/b/c", "+/+/#", "$share/g/a/+", "dm/p2p/GID_a@@@b", "#", "/", "a//b"), Filters),
        new("commands", Texts(
            """{"id":"k7f3","cmd":"relay.set","args":{"on":true},"from":"GID_app@@@pi","exp":1795210817,"ttl":60}""",
            """{"id":7,"st":"ok","code":0,"res":{"on":true,"t":21.5},"why":"x"}""",
            """{"id":"GID_a@@@k","fw":"1","board":"v","b":7,"up":5,"win":4,"tele":{"c":{"t":"Cel"}},"evt":["b"],"cmd":["r.set! on:b@r.on","i~ s:e(a|b) n:n0.5..9[s]=1"],"failed":[]}""",
            """{"st":"dropped","to":"GID_a@@@nobody","why":"unknown","id":"x"}"""), Commands),
        new("settings", Texts(
            """{"Listen":["127.0.0.1:0"],"Limits":{"PacketBytesMax":4096},"Security":{"Users":{"a":"b"},"Roles":{"a":"operator"},"Rights":{"r":{"Publish":["x/%c/#"]}}}}""",
            """{"Relay":{"Rules":[{"Topic":"dm/#","QoS":1}]},"Upstream":"mqtt://u:p@h:1883","Policies":[{"Match":"G*","InflightMax":4}]} // c"""), Settings),
        new("rules", Texts("dm/%d/#\ndm/kitchen/tele/+", "a/+/c/#\na/b/c/d", "%g/%u/+\n#", "$gw/presence/%c\n$gw/+/x"), Rules),
        new("users", Texts(
            """{"kitchen":"pbkdf2-sha256:10000:AAAA:BBBB","ops":{"password":"x","role":"operator","clientIds":["a*"]}}""",
            """{"heating":{"publish":["heating/%u/#"],"subscribe":["#"],"commands":true}}""",
            "user ann\ntopic read a/#\npattern write %c/#\n",
            "alice:$7$101$Mee9fUxEBRMMAoo9$OJOr\nbob:$6$Uk4G$9pra\n"), Users),
        new("proxy", [
            "PROXY TCP4 192.0.2.1 192.0.2.2 5000 1883\r\n\x10"u8.ToArray(),
            "PROXY UNKNOWN\r\n"u8.ToArray(),
            [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0x00, 0x0C, 192, 0, 2, 1, 192, 0, 2, 2, 0x13, 0x88, 0x07, 0x5B]], Proxy),
        JournalTarget.Create(),
    ];

    private static byte[][] Texts(params string[] texts) => [.. texts.Select(Encoding.UTF8.GetBytes)];

    private static void Packets(byte[] bytes)
    {
        foreach (ProtocolVersion version in Versions.All)
        {
            FrameReader reader = new(new ReadOnlySequence<byte>(bytes), PacketBytesMax, new StraddleBuffer());
            while (reader.TryRead(out Frame frame) == DecodeStatus.Packet)
            {
                object? packet = AnyPacket.Decode(frame, version, out MalformedReason reason);
                Require(packet is not null == (reason == MalformedReason.None), "one outcome, with its reason");
                if (packet is null)
                    break;
                ArrayBufferWriter<byte> again = new();
                AnyPacket.Encode(packet, packet is ConnectPacket connect ? connect.Version : version, again);
            }
        }
    }

    private static void Filters(byte[] bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        if (TopicFilter.TryParse(text, out TopicFilter filter, out _))
            foreach (string topic in (string[])["a/b/c", "$SYS/x", "/", "a", "dm/p2p/x"])
                _ = TopicName.TryParse(topic, out TopicName name, out _) && filter.Matches(name);
        if (TopicName.TryParse(text, out _, out _))
            Require(text.AsSpan().IndexOfAny('+', '#', '\0') < 0 && text.Length > 0, "a Topic Name has no wildcard");
        _ = P2PTopic.TryParse(text, out _, out _);
        _ = DeviceTopic.Parse(text);
        _ = PresenceTopic.TryParse(text, out _);
        _ = SafeText.Of(text, 64);
    }

    private static void Commands(byte[] bytes)
    {
        CommandEnvelope envelope = new();
        if (envelope.TryRead(bytes, 0, bytes.Length))
        {
            Require(envelope.ArgumentsOffset >= 0 && envelope.ArgumentsOffset + envelope.ArgumentsLength <= bytes.Length, "arguments lie inside the payload");
            envelope.Release();
        }

        CommandAnswer answer = new();
        if (answer.TryRead(bytes, 0, bytes.Length))
            Require(answer.ResultOffset >= 0 && answer.ResultOffset + answer.ResultLength <= bytes.Length, "results lie inside the payload");
        BirthReader birth = new();
        if (birth.TryRead(bytes, 0, bytes.Length))
            _ = DeviceMqtt.HomeAssistant.DiscoveryDocument.Write(birth, "k", new DeviceMqtt.HomeAssistant.DiscoveryTopics("homeassistant", "ha", "dm"), "g");
        _ = DeviceMqtt.HomeAssistant.StateText.Of(bytes, 7);
    }

    private static void Settings(byte[] bytes)
    {
        string file = Path.Combine(Path.GetTempPath(), $"devicemqtt-fuzz-{Environment.ProcessId}.json");
        File.WriteAllBytes(file, bytes);
        try
        {
            _ = ConfigCheck.Read(file, [], new Dictionary<string, string?>(StringComparer.Ordinal));
        }
        catch (SettingException exception)
        {
            Require(exception.Message.Length > 0, "says what is wrong");
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static void Rules(byte[] bytes)
    {
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n', 3);
        string asked = lines.Length > 1 ? lines[1] : lines[0];
        if (RuleText.Check(lines[0]) is not null || !RuleText.TryFill(lines[0], new ClientNames("GID_g@@@k", "u"), out string? rule) || !TopicFilter.TryParse(asked, out _, out _))
            return;
        Require(TopicFilter.TryParse(rule, out _, out _), "a rule that is filled in is a Topic Filter");
        if (!FilterCover.Covers(rule, asked))
            return;
        // A topic that the filter matches: the rule has to match it too.
        string topic = asked.Replace("+", "x", StringComparison.Ordinal).Replace("#", "y/z", StringComparison.Ordinal);
        if (TopicName.TryParse(topic, out _, out _) && FilterCover.Matches(asked, topic))
            Require(FilterCover.Matches(rule, topic), $"the rule '{rule}' covers '{asked}' and does not match '{topic}'");
    }

    private static void Users(byte[] bytes)
    {
        foreach (Action read in (Action[])[() => UserFile.Parse(bytes, "f"), () => RoleFile.Parse(bytes, "f")])
        {
            try
            {
                read();
            }
            catch (InvalidDataException exception)
            {
                Require(exception.Message.Length > 0, "says what is wrong");
            }
        }

        List<ImportNote> notes = [];
        string[] lines = Encoding.UTF8.GetString(bytes).Split('\n');
        foreach (RoleRights role in AclFileImport.Read(lines, notes).Values)
            Require(role.Check("r") is null, "an imported role is a sound one");
        _ = PasswordFileImport.Read(lines, "device", notes);
    }

    private static void Proxy(byte[] bytes)
    {
        ProxyHeader.Outcome whole = ProxyHeader.TryRead(new ReadOnlySequence<byte>(bytes), out _, out int length);
        if (whole != ProxyHeader.Outcome.Found)
            return;
        Require(length > 0 && length <= bytes.Length, "a header has a length, within what has come");
        Require(ProxyHeader.TryRead(new ReadOnlySequence<byte>(bytes, 0, length - 1), out _, out _) != ProxyHeader.Outcome.Found, "a header is not found before its end");
    }

    private static void Require(bool isSo, string what)
    {
        if (!isSo)
            throw new InvalidOperationException("broken: " + what);
    }
}
