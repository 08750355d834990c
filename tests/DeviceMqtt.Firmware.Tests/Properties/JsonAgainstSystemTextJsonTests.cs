using System.Text;
using System.Text.Json;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>The board's JSON reader and writer, held against the framework's over made-up and broken text. The seed is in the message.</summary>
[TestClass]
public sealed class JsonAgainstSystemTextJsonTests
{
    private static readonly string[] Scraps =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud83d", "\\ude00", "\\n", "\"a\"", "\"id\":", "1", "-", "0", ".5", "1e5", "E-", "true", "false", "null", " ", "\t", "\u00e4", "\u20ac", "\ud83d\ude00", "\u0001", "\u007f",
    ];

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Reader_OfBrokenText_AgreesOnWhatIsValid(int seed)
    {
        Random random = new(seed);
        FlatJsonReader reader = new();
        int valid = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] json = random.Next(2) == 0 ? MakeScraps(random) : Break(random, MakeObject(random));
            bool isValid = IsValidAndWithinOurBounds(json);
            reader.Start(json, 0, json.Length);
            while (reader.Read())
            {
                ReadEverything(reader);
            }

            Assert.AreEqual(isValid, !reader.IsMalformed, $"seed {seed}, case {i}: {Convert.ToHexString(json)} {Encoding.UTF8.GetString(json)}");
            valid += isValid ? 1 : 0;
        }

        // Both kinds must have been there.
        Assert.IsTrue(valid is > 500 and < 19_500, $"{valid} of 20,000 were valid");
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(5)]
    public void Reader_OfValidText_GivesTheSameValues(int seed)
    {
        Random random = new(seed);
        FlatJsonReader reader = new();
        for (int i = 0; i < 5_000; i++)
        {
            byte[] json = MakeObject(random);
            using JsonDocument document = JsonDocument.Parse(json);
            reader.Start(json, 0, json.Length);
            foreach (JsonProperty property in document.RootElement.EnumerateObject())
            {
                string message = $"seed {seed}, case {i}: {Encoding.UTF8.GetString(json)}";
                Assert.IsTrue(reader.Read(), message);
                Assert.AreEqual(property.Name, reader.GetName(), message);
                AssertSame(property.Value, reader, message);
            }

            Assert.IsFalse(reader.Read());
            Assert.IsFalse(reader.IsMalformed);
        }
    }

    [TestMethod]
    [DataRow(6)]
    public void Writer_OfAnyValues_IsReadBackByTheFramework(int seed)
    {
        Random random = new(seed);
        FlatJsonWriter writer = new(4096);
        for (int i = 0; i < 5_000; i++)
        {
            string text = MakeText(random);
            long number = random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);
            int decimals = random.Next(7);
            double real = (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-8, 10));
            writer.Begin();
            writer.Add("s", text);
            writer.Add("i", number);
            writer.Add("d", real, decimals);
            Assert.IsTrue(writer.End());

            using JsonDocument document = JsonDocument.Parse(writer.ToArray());
            string message = $"seed {seed}, case {i}: {document.RootElement}";
            Assert.AreEqual(text, document.RootElement.GetProperty("s").GetString(), message);
            Assert.AreEqual(number, document.RootElement.GetProperty("i").GetInt64(), message);
            Assert.AreEqual(real, document.RootElement.GetProperty("d").GetDouble(), (0.500001 * Math.Pow(10, -decimals)) + (1e-15 * Math.Abs(real)), message);
        }
    }

    private static void AssertSame(JsonElement expected, FlatJsonReader reader, string message)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.String:
                bool isGiven = reader.TryGetString(4096, out string text);
                // A string ends at U+0000 on a board, so none is handed out.
                bool hasZero = expected.GetString()!.Contains('\0', StringComparison.Ordinal);
                Assert.AreEqual(!hasZero, isGiven, message);
                Assert.AreEqual(hasZero ? "" : expected.GetString(), text, message);
                break;
            case JsonValueKind.Number:
                Assert.AreEqual(expected.TryGetInt64(out long number), reader.TryGetInt64(out long ourNumber), message);
                Assert.AreEqual(number, ourNumber, message);
                double real = expected.GetDouble();
                Assert.IsTrue(reader.TryGetDouble(out double ours), message);
                Assert.AreEqual(real, ours, Math.Abs(real) * 1e-14, message);
                break;
            case JsonValueKind.True or JsonValueKind.False:
                Assert.IsTrue(reader.TryGetBoolean(out bool flag) && flag == expected.GetBoolean(), message);
                break;
            default:
                Assert.AreEqual(expected.ValueKind.ToString(), reader.Kind.ToString(), message);
                Assert.AreEqual(expected.GetRawText().Length, Encoding.UTF8.GetCharCount(Raw(reader, message)), message);
                break;
        }
    }

    private static byte[] Raw(FlatJsonReader reader, string message)
    {
        byte[] json = Encoding.UTF8.GetBytes(message[(message.IndexOf(": ", StringComparison.Ordinal) + 2)..]);
        return json[reader.ValueOffset..(reader.ValueOffset + reader.ValueLength)];
    }

    private static void ReadEverything(FlatJsonReader reader)
    {
        reader.GetName();
        reader.TryGetString(64, out _);
        reader.TryGetInt64(out _);
        reader.TryGetDouble(out _);
        reader.TryGetBoolean(out _);
    }

    // An object of plain names up to a length, nesting bounded: what the board's reader takes out of all JSON.
    private static bool IsValidAndWithinOurBounds(byte[] json)
    {
        try
        {
            Utf8JsonReader reader = new(json, new JsonReaderOptions { MaxDepth = WireLimits.JsonDepthMax + 1 });
            bool isObject = reader.Read() && reader.TokenType == JsonTokenType.StartObject;
            while (isObject && reader.Read())
            {
                // The framework looks at escapes and UTF-8 only when the text is asked for.
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                {
                    reader.GetString();
                }

                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && (reader.ValueIsEscaped || reader.ValueSpan.Length > WireLimits.JsonNameBytesMax))
                {
                    return false;
                }
            }

            return isObject;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static byte[] MakeScraps(Random random) =>
        Encoding.UTF8.GetBytes("{\"a\":" + string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Scraps[random.Next(Scraps.Length)])) + (random.Next(4) > 0 ? "}" : string.Empty));

    private static byte[] Break(Random random, byte[] json)
    {
        for (int i = random.Next(3); i > 0; i--)
        {
            json[random.Next(json.Length)] = random.Next(3) == 0 ? (byte)random.Next(256) : (byte)"{}[],:\"\\0-e."[random.Next(12)];
        }

        return random.Next(8) == 0 ? json[..random.Next(json.Length)] : json;
    }

    private static byte[] MakeObject(Random random)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter writer = new(stream, new JsonWriterOptions { Indented = random.Next(2) == 0 }))
        {
            writer.WriteStartObject();
            for (int i = random.Next(6); i > 0; i--)
            {
                writer.WritePropertyName($"m{i}");
                WriteValue(random, writer, random.Next(3));
            }

            writer.WriteEndObject();
        }

        return stream.ToArray();
    }

    private static void WriteValue(Random random, Utf8JsonWriter writer, int depth)
    {
        switch (random.Next(depth > 0 ? 7 : 5))
        {
            case 0: writer.WriteStringValue(MakeText(random)); break;
            case 1: writer.WriteNumberValue(random.NextInt64() >> random.Next(64)); break;
            case 2: writer.WriteNumberValue((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-300, 300))); break;
            case 3: writer.WriteBooleanValue(random.Next(2) == 0); break;
            case 4: writer.WriteNullValue(); break;
            case 5:
                writer.WriteStartArray();
                for (int i = random.Next(3); i > 0; i--)
                {
                    WriteValue(random, writer, depth - 1);
                }

                writer.WriteEndArray();
                break;
            default:
                writer.WriteStartObject();
                writer.WritePropertyName("x" + MakeText(random));
                WriteValue(random, writer, depth - 1);
                writer.WriteEndObject();
                break;
        }
    }

    private static string MakeText(Random random)
    {
        StringBuilder text = new();
        for (int i = random.Next(12); i > 0; i--)
        {
            int codePoint = random.Next(4) switch
            {
                0 => random.Next(0x20),
                1 => random.Next(0x80),
                2 => random.Next(0xD800),
                _ => random.Next(0x10000, 0x110000),
            };
            text.Append(char.ConvertFromUtf32(codePoint));
        }

        return text.ToString();
    }
}
