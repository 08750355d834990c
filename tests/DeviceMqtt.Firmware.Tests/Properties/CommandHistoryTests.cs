using System.Globalization;
using System.Text.Json;
using DeviceMqtt.Wire;

namespace DeviceMqtt.Firmware.Tests.Properties;

/// <summary>
/// A sender that tries again until it has an answer, and a board whose power fails at any moment, in the middle of a write too: no command is carried out
/// twice, and what was answered with ok was carried out. The seed is in the message.
/// </summary>
[TestClass]
public sealed class CommandHistoryTests
{
    private const int CommandsMax = 200;

    [TestMethod]
    [DataRow(1)]
    [DataRow(2)]
    [DataRow(3)]
    [DataRow(4)]
    public void Commands_ThroughPowerCuts_AreCarriedOutOnce(int seed)
    {
        Random random = new(seed);
        TearingFile file = new(random);
        int[] done = new int[CommandsMax];
        string?[] answers = new string?[CommandsMax];
        int first = 0;
        int boots = 0;
        for (; first < CommandsMax && boots < 5_000; boots++)
        {
            Bench bench = new(TelemetryClass.Live, 1000, ring: null, file);
            bench.Loop.Add(new CountingCommand(done));
            file.CutsIn = random.Next(1, 12);
            try
            {
                bench.ConnectAndSettle();
                for (int turn = random.Next(1, 40); turn > 0; turn--)
                {
                    // A few at once, those unanswered again; never more than the board remembers.
                    int number = Math.Min(CommandsMax - 1, first + random.Next(6));
                    bench.Send($$"""{"id":{{number}},"cmd":"count","args":{"n":{{number}}},"from":"op"}""");
                    Collect(bench, answers);
                    while (first < CommandsMax && answers[first] is not null)
                    {
                        first++;
                    }

                    if (first == CommandsMax)
                    {
                        break;
                    }
                }
            }
            catch (PowerCutException)
            {
                // The next boot finds what the file has.
            }
        }

        Assert.AreEqual(CommandsMax, first, $"seed {seed}: not all were answered in {boots} boots");
        Assert.IsGreaterThan(10, boots, $"seed {seed}: too few boots to show anything");
        for (int i = 0; i < CommandsMax; i++)
        {
            Assert.IsLessThanOrEqualTo(1, done[i], $"seed {seed}: command {i} was carried out {done[i]} times");
            Assert.IsTrue(answers[i] != CommandStatus.Ok || done[i] == 1, $"seed {seed}: command {i} was answered {answers[i]} and carried out {done[i]} times");
            Assert.IsTrue(answers[i] is CommandStatus.Ok or CommandStatus.Duplicate, $"seed {seed}: command {i} was answered {answers[i]}");
        }

        Assert.IsTrue(answers.Count(answer => answer == CommandStatus.Ok) > CommandsMax / 2, $"seed {seed}");
    }

    private static void Collect(Bench bench, string?[] answers)
    {
        for (int i = 0; i < bench.Client.Published.Count; i++)
        {
            if (bench.Client[i].Topic == Bench.Answers)
            {
                using JsonDocument answer = JsonDocument.Parse(bench.Client[i].Payload);
                int number = answer.RootElement.GetProperty("id").GetInt32();
                answers[number] ??= answer.RootElement.GetProperty("st").GetString();
            }
        }
    }

    private sealed class CountingCommand(int[] done) : ICommandHandler
    {
        public string Command => "count";

        public CommandClass CommandClass => CommandClass.Act;

        public string Arguments => "n:i0..199";

        public int Execute(CommandArguments arguments, FlatJsonWriter result)
        {
            if (!arguments.TryGetWhole("n", 0, CommandsMax - 1, out long number))
            {
                return (int)CommandErrorCode.BadArguments;
            }

            done[number]++;
            result.Add("n", number.ToString(CultureInfo.InvariantCulture));
            return 0;
        }
    }

    private sealed class PowerCutException : Exception
    {
        public PowerCutException()
        {
        }

        public PowerCutException(string message)
            : base(message)
        {
        }

        public PowerCutException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The file of commands on a board whose power fails in the middle of a write: a part of it is on the flash then.</summary>
    private sealed class TearingFile(Random random) : IRingFile
    {
        private readonly byte[] _content = new byte[DeviceLimits.CommandFileBytes];

        /// <summary>In which write from now on the power fails.</summary>
        public int CutsIn { get; set; }

        public int Bytes => _content.Length;

        public bool TryRead(int offset, byte[] buffer, int count)
        {
            Array.Copy(_content, offset, buffer, 0, count);
            return true;
        }

        public bool TryWrite(int offset, byte[] buffer, int count)
        {
            CutsIn--;
            Array.Copy(buffer, 0, _content, offset, CutsIn == 0 ? random.Next(count) : count);
            return CutsIn == 0 ? throw new PowerCutException("power") : true;
        }
    }
}
