using DeviceMqtt.Gateway.Security;

namespace DeviceMqtt.Gateway.Listeners;

/// <summary>
/// Lets so many at once compute. The others wait, networks in turn and addresses in turn (<see cref="AddressTurns{T}"/>): one that has hundreds waiting makes another one wait for
/// one of them. How many wait is bounded by who asks (<see cref="HandshakeGate"/>). Safe from any thread.
/// </summary>
/// <param name="atOnce">How many.</param>
internal sealed class HandshakeTurns(int atOnce)
{
    private readonly Lock _lock = new();
    private readonly AddressTurns<TaskCompletionSource> _waiting = new();
    private int _free = atOnce;

    /// <summary>Waits for a place, which <see cref="Release"/> gives back.</summary>
    /// <param name="address">Whose it is (<see cref="AddressKey"/>).</param>
    /// <param name="patience">Ends the waiting.</param>
    /// <exception cref="OperationCanceledException">It has waited for too long, and has no place.</exception>
    public async Task WaitAsync(UInt128 address, CancellationToken patience)
    {
        TaskCompletionSource turn;
        lock (_lock)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add(address, rank: 0, turn);
        }

        using CancellationTokenRegistration ended = patience.Register(() =>
        {
            lock (_lock)
                if (_waiting.Remove(address, turn))
                    turn.SetCanceled(patience);
        });
        await turn.Task.ConfigureAwait(false);
    }

    public void Release()
    {
        lock (_lock)
        {
            if (_waiting.TryTake(out TaskCompletionSource? next))
                next.SetResult();
            else
                _free++;
        }
    }
}
