using DeviceMqtt.Gateway.Composition;

namespace DeviceMqtt.Gateway.Tests.Host;

/// <summary>What the compiler keeps is given back once the runtime has freed it, which takes rounds that are apart.</summary>
[TestClass]
public sealed class CompilerMemoryTests
{
    private readonly List<string> _done = [];

    [TestMethod]
    public async Task GiveBack_TheRuntimeFreesInRounds_GivesBackBehindTheLast()
    {
        await CompilerMemory.GiveBackAsync(() => _done.Add("awake"), () => _done.Add("back"), PauseAsync, TimeSpan.FromSeconds(30));

        CollectionAssert.AreEqual((string[])["back", "awake", "pause", "awake", "pause", "awake", "back"], _done);
    }

    [TestMethod]
    public async Task GiveBack_AFinalizerIsStuck_Ends()
    {
        using ManualResetEventSlim over = new();
        try
        {
            await CompilerMemory.GiveBackAsync(() => over.Wait(TimeSpan.FromSeconds(30)), () => _done.Add("back"), PauseAsync, TimeSpan.FromMilliseconds(1));
            CollectionAssert.AreEqual((string[])["back"], _done);
        }
        finally
        {
            over.Set();
        }
    }

    private Task PauseAsync()
    {
        _done.Add("pause");
        return Task.CompletedTask;
    }
}
