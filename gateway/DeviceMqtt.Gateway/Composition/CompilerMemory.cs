namespace DeviceMqtt.Gateway.Composition;

/// <summary>
/// What the runtime's compiler has worked with. It keeps up to 16 MB of it for the next method, and frees what was not taken for two rounds (<c>JitHost::freeSlab</c> and <c>reclaim</c> in
/// src/coreclr/vm/jithost.cpp of dotnet/runtime). A round is when the thread of the finalizers wakes up, two seconds after the last one or later. It wakes for little else than finalizers, so a
/// gateway that has come to rest keeps it for hours. Measured: 7 MB after a start with 10,000 boards, 8 MB after 20 pages of the console were opened.
/// </summary>
internal static class CompilerMemory
{
    /// <summary>Rounds: the first one may be too soon after one that was there, and each of the two that free something is needed.</summary>
    internal const int Rounds = 3;

    // From one round to the next: a little more than what the runtime asks for.
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(2_100);
    private static readonly TimeSpan WakeMax = TimeSpan.FromSeconds(10); // chosen: a finalizer that takes longer is stuck, and so is what is behind it

    /// <summary>Has it freed, and gives the kernel what of the C library's memory is free then. Takes some seconds, and nothing waits for it.</summary>
    public static Task GiveBackAsync() => GiveBackAsync(GC.WaitForPendingFinalizers, NativeHeap.GiveBack, static () => Task.Delay(Pause), WakeMax);

    /// <param name="wake">Wakes the thread of the finalizers, and comes back when it has been awake.</param>
    /// <param name="giveBack">Gives the kernel what is free.</param>
    /// <param name="pause">Between two rounds.</param>
    /// <param name="wakeMax">How long to wait for that thread. After that all stays as it is, and the next page that is opened tries again.</param>
    internal static async Task GiveBackAsync(Action wake, Action giveBack, Func<Task> pause, TimeSpan wakeMax)
    {
        giveBack();
        for (int round = 1; round <= Rounds; round++)
        {
            if (round > 1)
                await pause();
            try
            {
                await Task.Run(wake).WaitAsync(wakeMax);
            }
            catch (TimeoutException)
            {
                return;
            }
        }

        giveBack();
    }
}
