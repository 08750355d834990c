using System.Text;

namespace DeviceMqtt.Protocol.Tests;

/// <summary>Strings, topic names, topic filters and properties fed with damaged bytes, against plain readings of their rules.</summary>
[TestClass]
public sealed class TextFuzzTests
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static readonly byte[][] Texts =
    [
        .. new[]
        {
            "a", "dm/dev1/tele/air", "presence/GID_x@@@dev1", "+/+/#", "$share/g/a/#", "$SYS/broker/uptime", "\u00e9t\u00e9/\u20ac/\ud83d\ude00",
            "a-rather-long-topic-name/that-spans/more-than-one-vector/of-whatever-width/0123456789", "#", "+",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [TestMethod]
    public void TopicName_FedWithDamagedBytes_IsJudgedAsAPlainReaderDoes() => Run("TopicName", bytes =>
    {
        MalformedReason expected = Decode(bytes) switch
        {
            null => MalformedReason.Utf8Invalid,
            "" => MalformedReason.TopicNameEmpty,
            { } text when text.Contains('\0') => MalformedReason.Utf8NullCharacter,
            { } text when text.Contains('+') || text.Contains('#') => MalformedReason.TopicNameHasWildcard,
            _ => MalformedReason.None,
        };
        Assert.AreEqual(expected == MalformedReason.None, PublishPacket.CheckTopicName(bytes, out MalformedReason reason));
        Assert.AreEqual(expected, reason);
        Assert.AreEqual(expected == MalformedReason.None, TopicName.TryParse(bytes, out TopicName name, out _));
        if (expected == MalformedReason.None)
            Assert.AreEqual(Bytes.Hex(bytes), Bytes.Hex(Encoding.UTF8.GetBytes(name.Value)));
    });

    [TestMethod]
    public void TopicFilter_FedWithDamagedBytes_IsJudgedAsAPlainReaderDoes() => Run("TopicFilter", bytes =>
    {
        bool parsed = TopicFilter.TryParse(bytes, out TopicFilter filter, out MalformedReason reason);
        Assert.AreEqual(parsed, reason == MalformedReason.None);
        Assert.AreEqual(IsFilter(Decode(bytes)), parsed, reason.ToString());
        if (!parsed)
            return;
        Assert.AreEqual(Bytes.Hex(bytes), Bytes.Hex(Encoding.UTF8.GetBytes(filter.Value)));
        Assert.AreEqual(filter.Value, filter.IsShared ? $"$share/{filter.ShareName}/{filter.Match}" : filter.Match);
        Assert.AreEqual(filter.HasWildcard, filter.Match.Split('/').Any(level => level is "+" or "#"));
    });

    [TestMethod]
    public void Properties_FedWithDamagedBytes_AreWrittenBackTheSameWhenAccepted()
    {
        byte[] properties = Bytes.Of("01 01 02 00 00 00 3C 0B 80 01 03 <json> 08 <r/t> 09 00 02 00 FF 11 00 00 00 01 21 00 05 26 <k> <v> 1F <why>");
        Run("Properties", (_, mutator) =>
        {
            byte[] damaged = mutator.Mutate(properties, properties);
            PropertyOwner owner = mutator.Pick(Enum.GetValues<PropertyOwner>());
            bool accepted = PropertyRules.Check(damaged, owner, out PropertySet present, out MalformedReason reason);
            Assert.AreEqual(accepted, reason == MalformedReason.None);
            if (!accepted)
                return;
            var writer = new PropertyWriter();
            var reader = new PropertyReader(damaged);
            while (reader.TryRead(out PropertyId id, out uint number, out ReadOnlySpan<byte> value, out ReadOnlySpan<byte> value2))
            {
                Assert.IsTrue(present.Contains(id));
                switch (PropertyRules.GetType(id))
                {
                    case PropertyType.Utf8StringPair: writer.Add(new UserProperty(Strict.GetString(value), Strict.GetString(value2))); break;
                    case PropertyType.Utf8String or PropertyType.BinaryData: writer.Add(id, value); break;
                    default: writer.Add(id, number); break;
                }
            }

            Assert.AreEqual(Bytes.Hex(damaged), Bytes.Hex(writer.Written));
        });
    }

    private static void Run(string name, Action<byte[]> check) => Run(name, (bytes, _) => check(bytes));

    private static void Run(string name, Action<byte[], Mutator> check)
    {
        ulong seed = Seed.Take(name);
        var mutator = new Mutator(seed);
        for (int index = 0; index < Seed.FuzzCases; index++)
        {
            byte[] bytes = mutator.Next(20) == 0 ? mutator.RandomBytes(20) : mutator.Mutate(mutator.Pick(Texts), mutator.Pick(Texts));
            try
            {
                check(bytes, mutator);
            }
            catch (Exception exception)
            {
                Assert.Fail($"{Seed.Describe(seed)}, case {index}: {Bytes.Hex(bytes)}\n{exception}");
            }
        }
    }

    private static bool IsFilter(string? text)
    {
        if (string.IsNullOrEmpty(text) || text.Contains('\0'))
            return false;
        string[] levels = text.Split('/');
        if (levels[0] == "$share")
        {
            if (levels.Length < 3 || levels[1].Length == 0 || levels[1].AsSpan().IndexOfAny('+', '#') >= 0 || levels is [_, _, ""])
                return false;
            levels = levels[2..];
        }

        return levels.Select((level, index) => (level, isLast: index == levels.Length - 1))
            .All(pair => pair.level is "+" || (pair.level is "#" && pair.isLast) || pair.level.AsSpan().IndexOfAny('+', '#') < 0);
    }

    /// <summary>Null when it is not UTF-8.</summary>
    private static string? Decode(byte[] bytes)
    {
        try
        {
            return Strict.GetString(bytes);
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
