using System.Diagnostics.CodeAnalysis;

namespace DeviceMqtt.Gateway.Security;

/// <summary>
/// What waits to be worked out, by the address that it came from. Addresses take turns: one that has sent two hundred, each of which takes a third of a
/// second, makes another one wait for one of them and not for all. Not safe for more than one thread.
/// </summary>
internal sealed class LoginQueue<T>
    where T : class
{
    private readonly Dictionary<ulong, Queue<T>> _ofAddress = [];
    private readonly Queue<ulong> _turns = new();

    public void Add(ulong address, T job)
    {
        if (_ofAddress.TryGetValue(address, out Queue<T>? waiting))
        {
            waiting.Enqueue(job);
            return;
        }

        _ofAddress.Add(address, new Queue<T>([job]));
        _turns.Enqueue(address);
    }

    /// <summary>The next, of the address whose turn it is.</summary>
    public bool TryTake([NotNullWhen(true)] out T? job)
    {
        job = null;
        if (!_turns.TryDequeue(out ulong address))
            return false;
        Queue<T> waiting = _ofAddress[address];
        job = waiting.Dequeue();
        if (waiting.Count > 0)
            _turns.Enqueue(address);
        else
            _ = _ofAddress.Remove(address);
        return true;
    }
}
