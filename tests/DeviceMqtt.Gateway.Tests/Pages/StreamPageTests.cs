using System.Text.Json;
using DeviceMqtt.Broker.Words;
using DeviceMqtt.Gateway.Live;
using DeviceMqtt.Gateway.Shapes;
using DeviceMqtt.Gateway.Web;

namespace DeviceMqtt.Gateway.Tests.Pages;

/// <summary>What waits for a page is bounded in bytes, and a page that takes nothing ends.</summary>
[TestClass]
public sealed class StreamPageTests
{
    private const int Megabyte = 1024 * 1024;
    private readonly GatewayLimits _limits = new() { MemoryBytesMax = 128 * Megabyte };
    private AnswerRoom _room = null!;
    private StreamFrames _frames = null!;

    [TestInitialize]
    public void Make()
    {
        _room = new AnswerRoom(_limits);
        _frames = new StreamFrames(_room);
    }

    [TestMethod]
    public void View_KeyManyTimes_IsOneDevice() =>
        Assert.HasCount(2, StreamView.Of([.. Enumerable.Repeat("dm/loud", StreamView.DevicesMax), "dm/nobody"]).Devices);

    // A stalled page had 64 frames, whatever their length: 16 pages with a view each had 130 MB.
    [TestMethod]
    public async Task Give_PageDoesNotRead_BytesAreBoundedAndItLoadsAnew()
    {
        StreamPage page = NewPage("eve", ConsoleRole.Operator);
        _ = page.Give(Frame(100));
        StreamEvent onItsWay = await page.NextAsync(static () => 0, CancellationToken.None);

        int lost = 0;
        for (int i = 0; i < 200; i++)
        {
            lost += page.Give(Frame(130_000));
            Assert.IsLessThanOrEqualTo(StreamPage.WaitingBytesMax + onItsWay.Frame.Length, _room.Bytes);
        }

        Assert.IsGreaterThan(150, lost);
        Assert.AreEqual(lost, page.Lost);
        Assert.AreSame(StreamEvent.Resync, await page.NextAsync(static () => 0, CancellationToken.None));
        page.Gone();
        Assert.AreEqual(0, _room.Bytes);
    }

    [TestMethod]
    public void Give_PagesOfOneMonitor_HaveAShareTogetherAndOthersGetTheirs()
    {
        List<StreamPage> pages = [.. Enumerable.Range(0, StreamHub.PagesOfUserMax).Select(_ => NewPage("eve", ConsoleRole.Monitor))];
        for (int i = 0; i < 50; i++)
            foreach (StreamPage page in pages)
                _ = page.Give(Frame(130_000));
        Assert.IsLessThanOrEqualTo(AnswerRoom.BytesMax(_limits) / 4, _room.Bytes);

        StreamPage other = NewPage("mona", ConsoleRole.Monitor);
        Assert.AreEqual(0, other.Give(Frame(130_000)));
    }

    // Twenty pages that show the same have the same bytes.
    [TestMethod]
    public void Give_OneFrameToManyPagesOfAUser_CountsOnce()
    {
        StreamEvent frame = Frame(130_000);
        List<StreamPage> pages = [.. Enumerable.Range(0, StreamHub.PagesOfUserMax).Select(_ => NewPage("eve", ConsoleRole.Monitor))];
        foreach (StreamPage page in pages)
            Assert.AreEqual(0, page.Give(frame));
        Assert.AreEqual(130_000, _room.Bytes);
        foreach (StreamPage page in pages)
            page.Gone();
        Assert.AreEqual(0, _room.Bytes);
    }

    [TestMethod]
    public async Task EndIfStalled_FrameIsNotTaken_EndsOnce()
    {
        int ended = 0;
        StreamPage page = new("1", new Caller("eve", ConsoleRole.Monitor, "t"), _frames, () => ended++);
        _ = page.Give(Frame(1_000));
        Assert.IsFalse(page.EndIfStalled(StreamPage.StallMs * 2), "nothing is on its way to it");
        _ = await page.NextAsync(static () => 1_000, CancellationToken.None);
        Assert.IsFalse(page.EndIfStalled(StreamPage.StallMs));

        Assert.IsTrue(page.EndIfStalled(1_000 + StreamPage.StallMs));
        Assert.IsFalse(page.EndIfStalled(1_000 + StreamPage.StallMs));

        Assert.AreEqual(1, ended);
        Assert.AreEqual(1_000, _room.Bytes, "until its connection is gone");
        page.Gone();
        Assert.AreEqual(0, _room.Bytes);
    }

    [TestMethod]
    public void RowFrames_LongNames_PartsThatAreAllThereAndNotLong()
    {
        string name = new('<', 200);
        List<DeviceShapes.Row> rows = [.. Enumerable.Range(0, 200).Select(i => DeviceRows.OfNever($"{name}{i}"))];

        List<byte[]> parts = [.. RowFrames.Of(rows)];

        Assert.IsGreaterThan(1, parts.Count);
        foreach (byte[] part in parts)
            Assert.IsLessThan(RowFrames.PartBytes + 8_192, part.Length);
        CollectionAssert.AreEqual(rows.ConvertAll(static row => row.Name), parts.SelectMany(static part => JsonDocument.Parse(part).RootElement.EnumerateArray()).Select(static row => row.GetProperty("name").GetString()).ToList());
    }

    private StreamPage NewPage(string user, ConsoleRole role) => new("1", new Caller(user, role, "t"), _frames, static () => Assert.Fail("nobody ends it"));

    private static StreamEvent Frame(int bytes) => new(0, new byte[bytes], 0);
}
