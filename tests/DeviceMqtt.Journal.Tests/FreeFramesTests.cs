namespace DeviceMqtt.Journal.Tests;

[TestClass]
public sealed class FreeFramesTests
{
    private const int FrameBytes = 64 * 1024;
    private readonly FreeFrames _free = new(FrameBytes);

    [TestMethod]
    public void Burst_ThatComesAgain_FindsTheFramesOfTheOneBefore()
    {
        FrameBuffer[] first = Burst(20);

        for (int again = 0; again < 3; again++)
        {
            _free.Look();
            Assert.HasCount(20, first.Intersect(Burst(20)));
        }
    }

    [TestMethod]
    [DataRow(0, 20), DataRow(1, 20), DataRow(6, 15), DataRow(19, FreeFrames.Least), DataRow(1000, FreeFrames.Least)]
    public void Burst_ThatDoesNotComeAgain_LeavesOneFewerEachSecond(int seconds, int left)
    {
        FrameBuffer[] first = Burst(20);

        for (int i = 0; i < seconds; i++)
            _free.Look();

        Assert.HasCount(left, first.Intersect(Burst(20)));
    }

    [TestMethod]
    public void Frame_OfAMessageLargerThanMost_IsNotKept()
    {
        FrameBuffer large = _free.Take(waiting: 0);
        _ = large.Add(1, (byte)RecordLife.Event, new byte[(2 * FrameBytes) + 1], copyOf: 0);

        _free.Give(large);

        Assert.AreNotSame(large, _free.Take(waiting: 0));
    }

    // So many are gathered one behind the other while none is written, and then all are.
    private FrameBuffer[] Burst(int frames)
    {
        FrameBuffer[] taken = new FrameBuffer[frames];
        for (int i = 0; i < frames; i++)
            taken[i] = _free.Take(waiting: i + 1);
        foreach (FrameBuffer frame in taken)
            _free.Give(frame);
        return taken;
    }
}
