using DeviceMqtt.Gateway.Security;
using Microsoft.Extensions.Logging.Abstractions;

namespace DeviceMqtt.Gateway.Tests.Security;

[TestClass]
internal sealed class AuditTrailTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-test-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // A stranger without a password had all the lines of a minute, and in a quarter of an hour both files.
    [TestMethod]
    public void Add_AStrangerIsRefusedAllTheTime_ChangesAndComingsHaveTheirLines()
    {
        FakeTime time = new();
        AuditTrail trail = new(_folder, time, NullLogger.Instance);
        for (int minute = 0; minute < 40; minute++)
        {
            for (int i = 0; i < 200; i++)
                trail.Add(AuditKind.Refused, $"refused: client '{new string('x', 450)}'");
            trail.Add(AuditKind.Changed, $"changed: user {minute}");
            trail.Add(AuditKind.In, $"in: user '{minute}'");
            trail.Write();
            time.Advance(TimeSpan.FromMinutes(1));
        }

        string[] changes = Read(AuditKind.Changed);
        string[] comings = Read(AuditKind.In);
        Assert.HasCount(40, changes);
        Assert.HasCount(40, comings);
        StringAssert.EndsWith(changes[0], "changed: user 0", StringComparison.Ordinal);
        Assert.IsTrue(Read(AuditKind.Refused).Any(static line => line.EndsWith(" 80 more had no line", StringComparison.Ordinal)));
        Assert.IsLessThan(2 * AuditFile.BytesMax, new FileInfo(Path.Combine(_folder, AuditFile.NameOf(AuditKind.Refused))).Length);

    }

    private string[] Read(AuditKind kind) => File.ReadAllLines(Path.Combine(_folder, AuditFile.NameOf(kind)));

    // An operator made 120 changes that are nothing, and in the same minute a user, of which there was no line.
    [TestMethod]
    public void Add_ManyChangesInAMinute_EachHasALine()
    {
        AuditTrail trail = new(_folder, new FakeTime(), NullLogger.Instance);
        for (int i = 0; i < 500; i++)
            trail.Add(AuditKind.Changed, AuditFile.ChangedBy($"messages of {i} are kept to be followed", "'eve' in the console"));
        trail.Add(AuditKind.Changed, AuditFile.ChangedBy("user mallory, operator", "'eve' in the console"));
        trail.Write();

        StringAssert.EndsWith(Read(AuditKind.Changed)[^1], "changed: user mallory, operator, by 'eve' in the console", StringComparison.Ordinal);
    }

    // More changes than there is room for lines, within a second: those beyond had none.
    [TestMethod]
    public void TryBeginChange_NoRoomForItsLine_NoChange()
    {
        AuditTrail trail = new(_folder, new FakeTime(), NullLogger.Instance);
        for (int i = 0; i < AuditTrail.WaitingMax - 1; i++)
            trail.Add(AuditKind.Changed, $"changed: {i}");
        Assert.IsTrue(trail.TryBeginChange());
        Assert.IsFalse(trail.TryBeginChange(), "the last room is promised");

        trail.Add(AuditKind.Changed, "changed: user mallory, operator");
        trail.EndChange();
        Assert.IsFalse(trail.TryBeginChange());
        trail.Write();

        StringAssert.EndsWith(Read(AuditKind.Changed)[^1], "changed: user mallory, operator", StringComparison.Ordinal);
        Assert.IsTrue(trail.TryBeginChange());
    }

    [TestMethod]
    public void TryBeginChange_FileCannotBeWritten_NoChangeUntilItCan()
    {
        AuditTrail trail = new(_folder, new FakeTime(), NullLogger.Instance);
        string path = Path.Combine(_folder, AuditFile.NameOf(AuditKind.Changed));
        Directory.CreateDirectory(path); // no file can be written under that name
        trail.Add(AuditKind.Changed, "changed: 0");
        trail.Write();
        Assert.IsFalse(trail.TryBeginChange());

        Directory.Delete(path);
        trail.Write();
        Assert.IsTrue(trail.TryBeginChange());
    }

    // Anything but an I/O error left the lines for ever "on their way": no change was possible any more, although the file could be written.
    [TestMethod]
    public void Write_FailsInAnyWay_LinesWaitAndAreWrittenLater()
    {
        Exception? fault = new NotSupportedException("no such thing");
        AuditTrail trail = new(_folder, new FakeTime(), NullLogger.Instance, path => fault is null ? PrivateFile.Append(path) : throw fault);
        for (int i = 0; i < AuditTrail.WaitingMax; i++)
            trail.Add(AuditKind.Changed, $"changed: {i}");
        trail.Write();
        Assert.IsFalse(trail.TryBeginChange());

        fault = null;
        trail.Write();

        Assert.HasCount(AuditTrail.WaitingMax, Read(AuditKind.Changed));
        Assert.IsTrue(trail.TryBeginChange());
    }

    [TestMethod]
    public void ChangeLimit_OneCallerTakesAll_OthersGoOnUntilTheNextMinute()
    {
        FakeTime time = new();
        ChangeLimit limit = new(time);
        for (int i = 0; i < ChangeLimit.PerMinuteMax; i++)
            Assert.IsTrue(limit.TryTake("eve", out _));
        time.Advance(TimeSpan.FromSeconds(20));

        Assert.IsFalse(limit.TryTake("eve", out int waitSeconds));
        Assert.AreEqual(40, waitSeconds);
        Assert.IsTrue(limit.TryTake("anna", out waitSeconds));
        Assert.AreEqual(0, waitSeconds);

        time.Advance(TimeSpan.FromSeconds(40));
        Assert.IsTrue(limit.TryTake("eve", out _));
        int all = 1;
        for (int key = 0; key < 20; key++)
            for (int i = 0; i < ChangeLimit.PerMinuteMax; i++)
                all += limit.TryTake($"key {key}", out _) ? 1 : 0;
        Assert.AreEqual(ChangeLimit.AllPerMinuteMax, all, "keys of one's own are no way around it");
    }

    // A disk that is full takes the half of it: the rest of the line came with the next, and what was whole a second time.
    [TestMethod]
    [DataRow(true)]
    [DataRow(false)]
    public void Append_TakenByHalf_NoTornLineAndNoneTwice(bool canCut)
    {
        AuditFile file = new(_folder, new FakeTime());
        file.Append(["one\n"]);
        AuditFile failing = new(_folder, new FakeTime()) { Open = path => new HalfStream(path, canCut) };
        _ = Assert.ThrowsExactly<IOException>(() => failing.Append(["two\n", "three\n"]));

        file.Append(["two\n", "three\n"]);

        string[] lines = Read(AuditKind.Changed);
        CollectionAssert.AreEqual((string[])(canCut ? ["one", "two", "three"] : ["one", "two", "t", "two", "three"]), lines);
    }

    // Takes the half of what is written, and fails.
    private sealed class HalfStream(string path, bool canCut) : FileStream(path, FileMode.Append, FileAccess.Write)
    {
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            base.Write(buffer[..(buffer.Length / 2)]);
            base.Flush();
            throw new IOException("No space left on device");
        }

        public override void SetLength(long value)
        {
            if (!canCut)
                throw new IOException("Input/output error");
            base.SetLength(value);
        }
    }

    [TestMethod]
    [DataRow('x')]
    [DataRow('\u202E')]
    public void ChangedBy_LongText_SaysWho(char letter)
    {
        AuditTrail trail = new(_folder, new FakeTime(), NullLogger.Instance);
        trail.Add(AuditKind.Changed, AuditFile.ChangedBy($"messages of {new string(letter, 2_000)} are kept", "'eve' in the console"));
        trail.Write();

        StringAssert.EndsWith(Read(AuditKind.Changed)[0], ", by 'eve' in the console", StringComparison.Ordinal);
    }

    // The lines that a full disk did not take were gone, and so were those while the command line had the file.
    [TestMethod]
    public void Write_FileCannotBeWritten_LinesWaitAndTheLossIsSaid()
    {
        AuditTrail trail = new(_folder, new FakeTime(), NullLogger.Instance);
        string path = Path.Combine(_folder, AuditFile.NameOf(AuditKind.Changed));
        Directory.CreateDirectory(path); // no file can be written under that name
        for (int i = 0; i < AuditTrail.WaitingMax + 5; i++)
        {
            trail.Add(AuditKind.Changed, $"changed: {i}");
            if (i % 100 == 0)
                trail.Write();
        }

        Directory.Delete(path);
        trail.Write();

        string[] lines = Read(AuditKind.Changed);
        Assert.HasCount(AuditTrail.WaitingMax + 1, lines);
        StringAssert.EndsWith(lines[0], "changed: 0", StringComparison.Ordinal);
        StringAssert.Contains(lines[^1], " 5 lines are missing here", StringComparison.Ordinal);
    }
}
