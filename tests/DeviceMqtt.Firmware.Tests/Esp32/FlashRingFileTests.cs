using DeviceMqtt.Device.Esp32;

namespace DeviceMqtt.Firmware.Tests.Esp32;

[TestClass]
public sealed class FlashRingFileTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("devicemqtt-flash").FullName;

    private string FilePath => Path.Combine(_folder, "outbox");

    [TestCleanup]
    public void Erase() => Directory.Delete(_folder, recursive: true);

    [TestMethod]
    public void Part_NeverWritten_ReadsAsZeros()
    {
        FlashRingFile file = new(FilePath, 4096);
        byte[] buffer = [9, 9, 9, 9];

        Assert.IsTrue(file.TryRead(100, buffer, 4));

        CollectionAssert.AreEqual(new byte[4], buffer);
        Assert.AreEqual(4096, file.Bytes);
    }

    [TestMethod]
    public void Part_Written_IsReadByTheNextBoot()
    {
        Assert.IsTrue(new FlashRingFile(FilePath, 4096).TryWrite(1000, [1, 2, 3], 3));
        Assert.IsTrue(new FlashRingFile(FilePath, 4096).TryWrite(0, [7], 1));
        byte[] buffer = new byte[6];

        Assert.IsTrue(new FlashRingFile(FilePath, 4096).TryRead(998, buffer, 6));

        CollectionAssert.AreEqual(new byte[] { 0, 0, 1, 2, 3, 0 }, buffer);
        Assert.AreEqual(7, File.ReadAllBytes(FilePath)[0]);
    }

    [TestMethod]
    public void Flash_ThatFails_IsSaid()
    {
        // A folder stands where the file should be.
        Directory.CreateDirectory(FilePath);
        FlashRingFile file = new(FilePath, 4096);

        Assert.IsFalse(file.TryWrite(0, [1], 1));
    }
}
