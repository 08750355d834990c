using DeviceMqtt.Relay.Link;

namespace DeviceMqtt.Relay.Tests;

/// <summary>The pause between two rounds of tries, and its early end.</summary>
[TestClass]
public sealed class RetryPauseTests
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [TestMethod]
    public void NoPause_NothingToEnd()
    {
        RetryPause pause = new(TimeProvider.System);

        Assert.IsFalse(pause.TryEnd());
        Assert.IsNull(pause.Ends);
    }

    [TestMethod]
    public async Task Ended_IsOver_AndOnce()
    {
        RetryPause pause = new(TimeProvider.System);
        Task waiting = pause.WaitAsync(Hour, CancellationToken.None);
        Assert.IsGreaterThan(DateTimeOffset.UtcNow, pause.Ends!.Value);

        Assert.IsTrue(pause.TryEnd());

        await Patience.Within(waiting, "the end of the pause");
        Assert.IsNull(pause.Ends);
        Assert.IsFalse(pause.TryEnd());
    }

    [TestMethod]
    public async Task Stop_IsOver()
    {
        using CancellationTokenSource stop = new();
        RetryPause pause = new(TimeProvider.System);
        Task waiting = pause.WaitAsync(Hour, stop.Token);

        await stop.CancelAsync();

        await Patience.Within(waiting, "the end of the pause");
        Assert.IsNull(pause.Ends);
    }

    [TestMethod]
    public async Task TimeOver_IsOver()
    {
        RetryPause pause = new(TimeProvider.System);

        await Patience.Within(pause.WaitAsync(TimeSpan.FromMilliseconds(1), CancellationToken.None), "the end of the pause");

        Assert.IsNull(pause.Ends);
    }
}
