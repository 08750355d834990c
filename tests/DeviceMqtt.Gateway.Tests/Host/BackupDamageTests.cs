using DeviceMqtt.Custody;
using DeviceMqtt.Gateway.Backups;
using DeviceMqtt.Gateway.CommandLine;
using DeviceMqtt.Journal;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>A backup is read to its very end: what is behind the last file that counts, and the list of the files itself, is checked like all the rest.</summary>
[TestClass]
public sealed class BackupDamageTests
{
    // Each byte with --long; a prime otherwise, so that no field of a fixed length is always left out.
    private static readonly int Step = LongRun.IsOn ? 1 : 7;

    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-backup").FullName;

    [TestCleanup]
    public void Clean() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public async Task Byte_AnyDamaged_Refused()
    {
        byte[] sound = await MakeAsync();
        Unpack(sound);
        for (int at = 0; at < sound.Length; at += Step)
        {
            byte[] damaged = [.. sound];
            damaged[at] ^= (byte)(1 << (at % 8));
            Assert.ThrowsExactly<InvalidDataException>(() => Unpack(damaged), $"byte {at} of {sound.Length} has changed");
        }
    }

    [TestMethod]
    public async Task End_CutAnywhere_Refused()
    {
        byte[] sound = await MakeAsync();
        for (int length = 0; length < sound.Length; length += Step)
            Assert.ThrowsExactly<InvalidDataException>(() => Unpack(sound[..length]), $"{length} of {sound.Length} bytes are there");
    }

    [TestMethod]
    public async Task End_SomethingBehindIt_Refused()
    {
        byte[] sound = await MakeAsync();
        Assert.ThrowsExactly<InvalidDataException>(() => Unpack([.. sound, .. sound]));
    }

    [TestMethod]
    public async Task Settings_OfTheBackupThatTheFolderIsOf_GiveWayToThoseInForce()
    {
        string settings = Path.Combine(_folder, "gateway.json");
        await File.WriteAllTextAsync(settings, "now");
        _ = await MakeAsync();
        await File.WriteAllTextAsync(Path.Combine(_folder, "data", BackupWriter.ForeignSettings), "before");
        string path = Path.Combine(_folder, "next.backup"), target = Path.Combine(_folder, "next");

        new BackupWriter(Path.Combine(_folder, "data")).Write(path, [], new BackupManifest("1.2.3", 1_800_000_000_000, 0, settings, []));
        _ = BackupReader.Unpack(path, target);

        Assert.AreEqual("now", await File.ReadAllTextAsync(Path.Combine(target, BackupWriter.ForeignSettings)));
    }

    /// <summary>Each had all those before it, and grew until the disk was full.</summary>
    [TestMethod]
    public async Task Backups_InTheDataFolder_AreNotInTheNextOne()
    {
        _ = await MakeAsync();
        string data = Path.Combine(_folder, "data");
        _ = Directory.CreateDirectory(Path.Combine(data, "nightly"));
        File.Copy(Path.Combine(_folder, "sound.backup"), Path.Combine(data, "monday"));
        File.Copy(Path.Combine(_folder, "sound.backup"), Path.Combine(data, "nightly", "tuesday"));
        await File.WriteAllTextAsync(Path.Combine(data, "console-code"), "ABCDEFGH");
        string path = Path.Combine(data, "nightly", "wednesday.part"), target = Path.Combine(_folder, "next");

        new BackupWriter(data).Write(path, [], new BackupManifest("1.2.3", 1_800_000_000_000, 0, Settings: "", []));

        CollectionAssert.AreEqual(new[] { "users.json" }, BackupReader.Unpack(path, target).Files.Select(static f => f.Name).ToArray());
    }

    // Killed when some files were in their places, and the journal was not.
    [TestMethod]
    public async Task Restore_CutShortBehindTheChecks_GoesOnWhenSaidOnceMore()
    {
        _ = await MakeAsync();
        string file = Path.Combine(_folder, "sound.backup"), target = Path.Combine(_folder, "restored"), left = Path.Combine(target, BackupReader.Checked);
        _ = Directory.CreateDirectory(target);
        _ = RestoreCommand.Unpack(file, target, left);
        Assert.AreSequenceEqual([left], Directory.GetFileSystemEntries(target));
        File.Move(Path.Combine(left, "users.json"), Path.Combine(target, "users.json"));
        string other = Path.Combine(_folder, "other.backup");
        await File.WriteAllBytesAsync(other, [.. (await File.ReadAllBytesAsync(file))[..^20], .. new byte[20]]);

        Assert.AreEqual(1, Restore(other, target), "of another backup");
        Assert.AreEqual(0, Restore(file, target));

        CollectionAssert.AreEquivalent(new[] { "users.json", BackupWriter.Journal }, Directory.GetFileSystemEntries(target).Select(Path.GetFileName).ToArray());
        Assert.AreEqual("{}", await File.ReadAllTextAsync(Path.Combine(target, "users.json")));
        Assert.IsEmpty(new JournalInspector(new DirectoryStorage(Path.Combine(target, BackupWriter.Journal))).Inspect().Damage);
        Assert.AreEqual(1, Restore(file, target), "it is not empty any more");
    }

    // Without its seal, what a killed restore had left let no gateway start and no restore go on.
    [TestMethod]
    public async Task Restore_KilledWhileItRemovedItsSeal_IsDoneWhenSaidOnceMore()
    {
        _ = await MakeAsync();
        string file = Path.Combine(_folder, "sound.backup"), target = Path.Combine(_folder, "unsealed"), left = Path.Combine(target, BackupReader.Checked);
        Assert.AreEqual(0, Restore(file, target));
        File.Delete(Path.Combine(target, BackupWriter.Journal, RestoreMark.FileName));
        _ = Directory.CreateDirectory(left);
        await File.WriteAllTextAsync(Path.Combine(left, "users.json"), "{}");
        Assert.AreEqual(1, Restore(file, target), "a file of it that has no place");
        File.Move(Path.Combine(left, "users.json"), Path.Combine(left, BackupManifest.Name));

        Assert.AreEqual(0, Restore(file, target));

        CollectionAssert.AreEquivalent(new[] { "users.json", BackupWriter.Journal }, Directory.GetFileSystemEntries(target).Select(Path.GetFileName).ToArray());
        Assert.IsNotNull(RestoreMark.Find(new DirectoryStorage(Path.Combine(target, BackupWriter.Journal))));
    }

    [TestMethod]
    public async Task Restore_Done_JournalIsMarkedAndABackupOfItIsNot()
    {
        _ = await MakeAsync();
        string file = Path.Combine(_folder, "sound.backup"), target = Path.Combine(_folder, "marked"), next = Path.Combine(_folder, "next.backup");
        Assert.AreEqual(0, Restore(file, target));
        DirectoryStorage journal = new(Path.Combine(target, BackupWriter.Journal));
        string first = RestoreMark.Find(journal)!.Name;

        Assert.AreEqual(0, await BackupCommand.Create().Parse([next, "--data", target]).InvokeAsync());
        Assert.AreEqual(0, Restore(next, Path.Combine(_folder, "again")));

        Assert.AreNotEqual(first, RestoreMark.Find(new DirectoryStorage(Path.Combine(_folder, "again", BackupWriter.Journal)))!.Name);
    }

    [TestMethod]
    [DataRow(BackupReader.Checked), DataRow(BackupReader.Unfinished)]
    public async Task Command_InAFolderWhereARestoreIsNotDone_IsRefused(string left)
    {
        _ = await MakeAsync();
        string data = Path.Combine(_folder, "data");
        _ = Directory.CreateDirectory(Path.Combine(data, left));
        if (left == BackupReader.Unfinished)
        {
            Assert.AreEqual(data, DeviceWords.DataFolder(data), "a gateway was started beside it: it is no part of that");
            Directory.Delete(Path.Combine(data, BackupWriter.Journal), recursive: true);
        }

        Assert.AreEqual(1, await BackupCommand.Create().Parse([Path.Combine(_folder, "next.backup"), "--data", data]).InvokeAsync());
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => DeviceWords.DataFolder(data)).Message, "a restore into it was cut short", StringComparison.Ordinal);
    }

    // A device has nothing that could be synced, and says so.
    [TestMethod]
    public void Sync_ThatFails_IsSaid()
    {
        if (!OperatingSystem.IsLinux())
            Assert.Inconclusive("needs /dev/null");
        using FileStream file = new("/dev/null", FileMode.Open, FileAccess.Write);
        file.Write([1]);
        StringAssert.Contains(Assert.ThrowsExactly<IOException>(() => DiskSync.File(file)).Message, "fdatasync of '/dev/null'", StringComparison.Ordinal);
    }

    private static int Restore(string file, string target) => RestoreCommand.Create().Parse([file, "--data", target]).Invoke();

    // Of a gateway that has kept nothing yet: small, so that each byte can be tried.
    private async Task<byte[]> MakeAsync()
    {
        string data = Path.Combine(_folder, "data");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "users.json"), "{}");
        string path = Path.Combine(_folder, "sound.backup");
        await using (RecordJournal journal = RecordJournal.Open(new DirectoryStorage(Path.Combine(data, BackupWriter.Journal)), new JournalOptions { SegmentBytes = 4096, ReserveBytes = 8192, BytesMax = 65_536, FreeFloorBytes = 0 }, new Nothing()))
        {
            using JournalHold hold = journal.Hold();
            new BackupWriter(data).Write(path, hold.Files, new BackupManifest("1.2.3", 1_800_000_000_000, hold.UpTo, Settings: "", []));
        }

        return await File.ReadAllBytesAsync(path);
    }

    private void Unpack(byte[] bytes)
    {
        string path = Path.Combine(_folder, "tried.backup");
        File.WriteAllBytes(path, bytes);
        string target = Path.Combine(_folder, "target");
        try
        {
            Assert.AreEqual("1.2.3", BackupReader.Unpack(path, target).Version);
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    private sealed class Nothing : IJournalReplay
    {
        public void Snapshot(ReadOnlySpan<byte> state, long upTo)
        {
        }

        public void Record(long position, RecordLife life, ReadOnlySpan<byte> record)
        {
        }

        public bool IsLive(long position) => false;
    }
}
