using System.Text;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>Births and commands of strangers: whatever the bytes are, the readers end, keep their bounds, and hand out nothing that was not there.</summary>
[TestClass]
public sealed class BirthFuzzTests
{
    private const string Birth =
        "{\"id\":\"GID_a@@@kitchen\",\"fw\":\"0.1.0\",\"board\":\"virtual\",\"reset\":\"power\",\"b\":771203,\"up\":5120,\"win\":4,\"std\":1,"
        + "\"tele\":{\"climate\":{\"temp\":\"Cel\",\"hum\":\"%RH\"}},\"evt\":[\"button\",\"relay\"],"
        + "\"cmd\":[\"relay.set! on:b@relay.on\",\"gpio.pulse! pin:i0..39 hold?:i1..60000[ms]=500\",\"interval.set~ stream:e(climate|health) every:n0.5..3600[s]\"],\"failed\":[]}";

    private static readonly string[] FormScraps =
        ["x", "relay.set", "!", "~", " ", ":", "?", "b", "i", "n", "s", "e(", "|", ")", "0", "..", "39", "-", ".5", "[", "]", "=", "@", "a.b", "\u00e4", "\0", "<", "\"", "99999999999"];

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    public void Birth_Broken_IsReadWithinItsBounds(int seed)
    {
        Random random = new(seed);
        BirthReader reader = new();
        int read = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] payload = Break(random, Encoding.UTF8.GetBytes(Birth));
            bool isBirth = reader.TryRead(payload, 0, payload.Length);
            Check(reader, $"seed {seed}, case {i}: {Convert.ToHexString(payload)}");
            Assert.AreEqual(isBirth, reader.ClientId.Length > 0);
            read += isBirth ? 1 : 0;
        }

        Assert.IsTrue(read is > 500 and < 19_500, $"{read} of 20,000 were births");
    }

    [TestMethod]
    public void Birth_CutAnywhere_IsNoBirth()
    {
        byte[] whole = Encoding.UTF8.GetBytes(Birth);
        BirthReader reader = new();
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.IsFalse(reader.TryRead(whole, 0, length), $"{length} bytes");
        }

        Assert.IsTrue(reader.TryRead(whole, 0, whole.Length));
        Assert.AreEqual(3 + StandardCommands.Count - 2, reader.CommandCount);
    }

    [TestMethod]
    [DataRow(4)]
    [DataRow(5)]
    public void Form_MadeOfScraps_IsReadWithinItsBounds(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 50_000; i++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 24)).Select(_ => FormScraps[random.Next(FormScraps.Length)]));
            if (CommandForm.Read(text) is { } form)
            {
                Check(form, $"seed {seed}, case {i}: {text}");
                Assert.StartsWith(form.Name, text, StringComparison.Ordinal, $"seed {seed}, case {i}");
            }
        }
    }

    [TestMethod]
    [DataRow(6)]
    [DataRow(7)]
    public void Form_Written_IsReadBack(int seed)
    {
        Random random = new(seed);
        for (int i = 0; i < 5_000; i++)
        {
            CommandClass commandClass = (CommandClass)random.Next(3);
            int count = random.Next(4);
            string[] arguments = [.. Enumerable.Range(0, count).Select(n => MakeArgument(random, n))];
            string text = string.Join(' ', arguments.Prepend("do.it" + CommandForm.MarkOf(commandClass)));
            CommandForm? form = CommandForm.Read(text);

            Assert.IsNotNull(form, text);
            Assert.IsTrue(form.IsUnderstood, text);
            Assert.AreEqual(commandClass, form.Class, text);
            Assert.AreEqual(text, string.Join(' ', Enumerable.Range(0, form.ArgumentCount).Select(n => Write(form.ArgumentAt(n))).Prepend(form.Name + CommandForm.MarkOf(form.Class))));
        }
    }

    [TestMethod]
    [DataRow(8)]
    [DataRow(9)]
    public void Envelope_Broken_NeverHandsOutWhatItRefuses(int seed)
    {
        byte[] whole = Encoding.UTF8.GetBytes("""{"id":"k7f3","cmd":"relay.set","args":{"on":true},"from":"GID_app@@@pi","exp":1795210817,"ttl":60}""");
        Random random = new(seed);
        CommandEnvelope envelope = new();
        for (int i = 0; i < 30_000; i++)
        {
            byte[] payload = Break(random, whole);
            string message = $"seed {seed}, case {i}: {Encoding.UTF8.GetString(payload)}";
            bool valid = envelope.TryRead(payload, 0, payload.Length);
            Assert.AreEqual(valid, envelope.Fault == CommandErrorCode.None, message);
            Assert.IsTrue(!valid || (envelope.Id.Length > 0 && envelope.Command.Length > 0 && envelope.From.Length > 0), message);
            Assert.IsTrue(envelope.IdOffset + envelope.IdLength <= payload.Length && envelope.ArgumentsOffset + envelope.ArgumentsLength <= payload.Length, message);
            Assert.IsFalse(envelope.Id.Contains('\0', StringComparison.Ordinal), message);
            Assert.IsFalse(envelope.Fault == CommandErrorCode.BadId && envelope.Id.Length > 0, message);
        }
    }

    private static void Check(BirthReader reader, string message)
    {
        Assert.IsTrue(reader.StreamCount <= BirthReader.StreamsMax && reader.EventCount <= BirthReader.NamesMax && reader.CommandCount <= BirthReader.NamesMax && reader.FailedCount <= BirthReader.NamesMax, message);
        Assert.IsTrue(reader.Window is >= 1 and <= WireLimits.CommandIdsRemembered, message);
        Assert.IsGreaterThanOrEqualTo(-1, reader.UpMs, message);
        Assert.IsGreaterThanOrEqualTo(0, reader.CommandsLost, message);
        for (int i = 0; i < reader.CommandCount; i++)
        {
            Check(reader.CommandAt(i), message);
        }
    }

    private static void Check(CommandForm form, string message)
    {
        Assert.IsTrue(form.Name.Length is > 0 and <= WireLimits.CommandNameCharsMax && form.Name.All(IsOfAWord), message);
        Assert.IsLessThanOrEqualTo(WireLimits.CommandArgumentsMax, form.ArgumentCount, message);
        for (int i = 0; i < form.ArgumentCount; i++)
        {
            CommandArgument argument = form.ArgumentAt(i);
            Assert.IsTrue(argument.Name.Length > 0 && argument.Name.All(IsOfAWord) && argument.State.All(IsOfAWord), message);
            Assert.IsTrue(!argument.HasRange || argument.Min <= argument.Max, message);
            Assert.IsTrue(argument.Kind == CommandArgumentKind.Choice == argument.ChoiceCount > 0, message);
        }
    }

    private static bool IsOfAWord(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_';

    private static string MakeArgument(Random random, int n)
    {
        string kind = random.Next(6) switch
        {
            0 => "b",
            1 => "i",
            2 => $"i{random.Next(-50, 50)}..{random.Next(50, 10_000)}",
            3 => $"n0.5..{random.Next(1, 9)}.25",
            4 => "s1..24",
            _ => "e(a|b-c|d_e)",
        };
        return $"a{n}{(random.Next(2) == 0 ? "?" : "")}:{kind}{(random.Next(2) == 0 ? "[ms]" : "")}{(random.Next(2) == 0 ? "=5" : "")}{(random.Next(2) == 0 ? "@relay.on" : "")}";
    }

    private static string Write(CommandArgument argument)
    {
        FormattableString range = $"{argument.Min}..{argument.Max}";
        string kind = argument.Kind switch
        {
            CommandArgumentKind.Boolean => "b",
            CommandArgumentKind.Whole => "i",
            CommandArgumentKind.Number => "n",
            CommandArgumentKind.Text => "s",
            _ => $"e({string.Join('|', Enumerable.Range(0, argument.ChoiceCount).Select(argument.ChoiceAt))})",
        };
        return $"{argument.Name}{(argument.IsOptional ? "?" : "")}:{kind}{(argument.HasRange ? FormattableString.Invariant(range) : "")}"
            + $"{(argument.Unit.Length > 0 ? $"[{argument.Unit}]" : "")}{(argument.Default.Length > 0 ? "=" + argument.Default : "")}{(argument.State.Length > 0 ? "@" + argument.State : "")}";
    }

    private static byte[] Break(Random random, byte[] text)
    {
        byte[] broken = [.. text];
        for (int n = random.Next(1, 4); n > 0; n--)
        {
            switch (random.Next(4))
            {
                case 0:
                    broken[random.Next(broken.Length)] = (byte)random.Next(256);
                    break;
                case 1:
                    broken[random.Next(broken.Length)] = (byte)"{}[],:\"\\0-e.!~@?=("[random.Next(18)];
                    break;
                case 2:
                    int from = random.Next(broken.Length);
                    broken = [.. broken[..from], .. broken[Math.Min(broken.Length, from + random.Next(1, 9))..], (byte)'}'];
                    break;
                default:
                    int at = random.Next(broken.Length);
                    broken = [.. broken[..at], .. broken[random.Next(broken.Length)..Math.Min(broken.Length, broken.Length)], .. broken[at..]];
                    break;
            }
        }

        return broken.Length > 2_000 ? broken[..2_000] : broken;
    }
}
