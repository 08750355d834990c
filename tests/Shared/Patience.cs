namespace DeviceMqtt.TestSupport;

/// <summary>How long a test waits for an event that must come. Far more than it takes, so that a loaded machine fails nothing.</summary>
internal static class Patience
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const int EagerLooks = 1_000;

    public static async Task Within(Task task, string what)
    {
        try
        {
            await task.WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{what} did not happen within {Limit.TotalSeconds} s");
        }
    }

    /// <summary>Looks again and again, giving way to others in between, for what has no event of its own.</summary>
    public static async Task Until(Func<bool> isSo, string what)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        using PeriodicTimer timer = new(TimeSpan.FromMilliseconds(1));
        for (int looks = 0; !isSo(); looks++)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(began) > Limit)
                Assert.Fail($"{what} did not come within {Limit.TotalSeconds} s");
            // What does not come soon waits for somebody who needs the processor.
            if (looks < EagerLooks)
                await Task.Yield();
            else
                _ = await timer.WaitForNextTickAsync();
        }
    }

    public static async Task<T> Within<T>(Task<T> task, string what)
    {
        await Within((Task)task, what);
        return await task;
    }
}
