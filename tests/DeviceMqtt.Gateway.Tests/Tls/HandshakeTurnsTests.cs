using DeviceMqtt.Gateway.Listeners;

namespace DeviceMqtt.Gateway.Tests.Tls;

/// <summary>Whose signature is worked out next.</summary>
[TestClass]
internal sealed class HandshakeTurnsTests
{
    [TestMethod]
    public async Task Wait_BehindManyOfAnotherAddress_IsNextButOne()
    {
        HandshakeTurns turns = new(1);
        await turns.WaitAsync(1u << 8, CancellationToken.None);
        Task[] hostile = [.. Enumerable.Range(0, 250).Select(_ => turns.WaitAsync(1u << 8, CancellationToken.None))];
        Task honest = turns.WaitAsync(2u << 8, CancellationToken.None);
        turns.Release();
        turns.Release();

        await Patience.Within(honest, "its turn");
        await Patience.Until(() => hostile.Any(static task => task.IsCompleted), "the turn of one of the other address");
        Assert.AreEqual(1, hostile.Count(static task => task.IsCompleted));
    }

    [TestMethod]
    public async Task Wait_PatienceIsOver_LeavesNoPlaceTaken()
    {
        HandshakeTurns turns = new(1);
        await turns.WaitAsync(1u, CancellationToken.None);
        using CancellationTokenSource patience = new();
        Task waiting = turns.WaitAsync(2u, patience.Token);
        await patience.CancelAsync();
        await Assert.ThrowsAsync<OperationCanceledException>(() => waiting);
        turns.Release();

        await Patience.Within(turns.WaitAsync(3u, CancellationToken.None), "the place that was given back");
        Assert.IsFalse(turns.WaitAsync(4u, CancellationToken.None).IsCompleted);
    }
}
