
namespace DeviceMqtt.Journal.Tests;

[TestClass]
public sealed class FrameBufferTests
{
    private const int UsualBytes = 64 * 1024;
    private const int RecordBytes = 100;

    // Beyond what a frame usually has, all of it was copied for each record.
    [TestMethod]
    public void Add_MoreThanUsual_IsNotCopiedForEachRecord()
    {
        FrameBuffer frame = new(UsualBytes);
        byte[] record = new byte[RecordBytes];
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; frame.Length < 4 * UsualBytes; i++)
            _ = frame.Add(i + 1, (byte)RecordLife.Event, record, copyOf: 0);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.IsTrue(bytes < 16 * UsualBytes, $"{bytes} bytes for a frame of {frame.Length}");
    }
}
