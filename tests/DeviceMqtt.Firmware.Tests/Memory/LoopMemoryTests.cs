using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using nanoFramework.M2Mqtt;

namespace DeviceMqtt.Firmware.Tests.Memory;

/// <summary>What the device loop takes on a board, part by part: firmware/docs/size.md has the table, and this compares it with what is made.</summary>
[TestClass]
public sealed partial class LoopMemoryTests
{
    /// <summary>The loop of a board, with both of its files and all standard commands, is to stay below this.</summary>
    private const int BytesMax = 24_000;

    // In the order of the table. What several reach counts for the first.
    private static readonly (string Row, string[] Path)[] Parts =
    [
        ("buffer for all that is written", ["_publisher", "_writer"]),
        ("readings that wait in memory", ["_outboxes", "_telemetry"]),
        ("answers that wait", ["_outboxes", "<Answers>k__BackingField"]),
        ("batch of the ring file", ["_outboxes", "_stored", "_frame"]),
        ("readings taken out of the ring file", ["_outboxes", "_stored", "_loaded"]),
        ("readings that wait for the ring file", ["_outboxes", "_stored", "_fresh"]),
        ("list of the ring file", ["_outboxes", "_stored", "_ring"]),
        ("commands that came, and busy ones", ["_link", "<Inbox>k__BackingField"]),
        ("commands remembered, and their file", ["_commands", "_memory"]),
        ("commands and their handlers", ["_commands"]),
        ("connection", ["_link"]),
        ("everything else", []),
    ];

    public required TestContext TestContext { get; set; }

    [TestMethod]
    public void Loop_OfABoard_TakesWhatThePageSays()
    {
        Dictionary<string, int> page = Row().Matches(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "firmware", "docs", "size.md")))
            .ToDictionary(row => row.Groups["part"].Value, row => int.Parse(row.Groups["bytes"].Value.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), StringComparer.Ordinal);
        List<(string Row, int Bytes)> measured = Measure(NewLoop());
        measured.Add(("all of it", measured.Sum(part => part.Bytes)));
        foreach ((string row, int bytes) in measured)
        {
            TestContext.WriteLine($"| {row} | {bytes.ToString("N0", CultureInfo.InvariantCulture)} |");
        }

        foreach ((string row, int bytes) in measured)
        {
            Assert.IsTrue(page.ContainsKey(row), $"size.md has no row: {row}");
            Assert.AreEqual(bytes, page[row], Math.Max(64, bytes / 20.0), row);
        }
    }

    [TestMethod]
    public void Loop_OfABoard_TakesLessThan24Kilobytes()
    {
        int bytes = new BoardHeap().Add(NewLoop());

        Assert.IsLessThan(BytesMax, bytes);
    }

    [TestMethod]
    public void Heap_OfKnownObjects_IsWhatTheRuntimeTakes()
    {
        Assert.AreEqual(24, new BoardHeap().Add(new byte[4]), "20 and 4");
        Assert.AreEqual(36, new BoardHeap().Add(new byte[5]), "the next block");
        Assert.AreEqual(3_096, new BoardHeap().Add(new string[256]), "a block for each reference");
        Assert.AreEqual(24, new BoardHeap().Add(new string('x', 5)), "a block, five bytes and a zero");
        Assert.AreEqual(12 + (3 * 12), new BoardHeap().Add(new Three()), "three fields");
    }

    private static List<(string Row, int Bytes)> Measure(DeviceLoop loop)
    {
        BoardHeap heap = new();
        List<(string, int)> measured = [];
        // The parts first: what is left over is the loop's own, which handlers of commands know as well.
        heap.Skip(loop);
        foreach ((string row, string[] path) in Parts)
        {
            measured.Add((row, path.Length == 0 ? heap.AddSkipped(loop) : heap.Add(path.Aggregate((object)loop, FieldOf))));
        }

        return measured;
    }

    private static object FieldOf(object owner, string name) =>
        owner.GetType().GetField(name, BindingFlags.Instance | BindingFlags.NonPublic)?.GetValue(owner) ?? throw new InvalidOperationException($"no field {name}");

    private static DeviceLoop NewLoop()
    {
        // A name that no other test writes: the topics made of it are nobody's interned texts then.
        DeviceOptions options = new() { ClientId = "GID_heap@@@cellar7", DeviceName = "cellar7", BootId = 7, OutboxBytes = DeviceOptions.BoardOutboxBytes };
        // The seams are the board's, not the loop's: small here.
        DeviceLoop loop = new(options, new NoClock(), new NoClients(), new NoBackground(), new NoLog(), new NoFile(DeviceLimits.FlashFileBytes), new NoFile(DeviceLimits.CommandFileBytes));
        EventSource relay = new("relay", "on");
        loop.Add(new TelemetryStream("climate", new NoSensor(), 1000, TelemetryClass.Stored));
        loop.Add(relay);
        loop.Add(new EventSource("button", "pressed"));
        loop.Add(new SwitchCommand(new NoOutput(), relay));
        loop.AddStandardCommands(new NoPins(), store: null);
        return loop;
    }

    [GeneratedRegex(@"^\| (?<part>[a-z][^|`]*) \| (?<bytes>[\d,]+) \|", RegexOptions.ExplicitCapture | RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Row();

    private sealed class Three
    {
        internal int First { get; set; }

        internal long Second { get; set; }

        internal object? Third { get; set; }
    }

    private sealed class NoClock : IClock
    {
        public bool TryGetUnixMs(out long unixMs)
        {
            unixMs = 0;
            return false;
        }
    }

    private sealed class NoClients : IMqttClientFactory
    {
        public IMqttClient Create() => throw new InvalidOperationException("away");
    }

    private sealed class NoBackground : IBackground
    {
        public void Run(ThreadStart work)
        {
        }
    }

    private sealed class NoLog : IDeviceLog
    {
        public void Write(DeviceNote note, string subject, long number)
        {
        }
    }

    private sealed class NoFile(int bytes) : IRingFile
    {
        public int Bytes => bytes;

        public bool TryRead(int offset, byte[] buffer, int count)
        {
            Array.Clear(buffer, 0, count);
            return true;
        }

        public bool TryWrite(int offset, byte[] buffer, int count) => true;
    }

    private sealed class NoSensor : ISensor
    {
        public string Name => "none";

        public Metric[] Metrics { get; } = [new Metric("temp", "Cel", 2), new Metric("hum", "%RH", 1), new Metric("press", "Pa", 0)];

        public SensorError Setup() => SensorError.None;

        public SensorError Read(double[] values) => SensorError.None;
    }

    private sealed class NoOutput : IDigitalOutput
    {
        public bool TryWrite(bool isOn) => true;
    }

    private sealed class NoPins : IPins
    {
        public int Last => 39;

        public bool IsFree(int pin) => true;

        public bool TryRead(int pin, out bool isHigh)
        {
            isHigh = false;
            return true;
        }

        public bool TryWrite(int pin, bool isHigh) => true;
    }
}
